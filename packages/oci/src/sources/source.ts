// The contract of an image source: the seam through which every kind of place that holds images is read.
import type { Context, Image, Platform } from '@plombe/model';

export interface SourceOptions {
  /** The subject as the user wrote it, for `Image.subject` and messages. */
  readonly subject: string;
  /** Absent: this machine's, or the only one there is. */
  readonly platform?: Platform;
  /** Every platform of the image, one `Image` each; `platform` is not looked at. */
  readonly allPlatforms?: boolean;
  /** Folders of a root file system on disk that are not entered; whoever asks says what that means. Parents are asked first. */
  readonly skipsFolder?: (path: string) => boolean;
}

/**
 * Presents what a text after its prefix names as images, one for each platform asked for, never none. Throws a `PlombeError`
 * that names the subject and the remedy. Whatever is reachable by digest is verified before it is believed; layers that are
 * not there become `absent` with their cause.
 */
export interface ImageSource {
  /** The prefix without its colon, and `Image.source`. */
  readonly id: 'registry' | 'oci' | 'docker-archive' | 'dir' | 'tar';
  open(text: string, options: SourceOptions, ctx: Context): Promise<readonly Image[]>;
}
