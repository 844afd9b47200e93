// The folder, held to the contract of all stores.
import { describeBlobStore } from './contract.ts';
import { openFolderBlobs } from './folder.ts';

describeBlobStore('the folder', () =>
  Promise.resolve({ open: (folder) => Promise.resolve(openFolderBlobs(folder)), stop: () => Promise.resolve() }),
);
