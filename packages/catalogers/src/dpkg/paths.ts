// Where dpkg keeps its state (dpkg(1), "Files") and packages their copyright file (Debian Policy 12.5).
export const statusPath = 'var/lib/dpkg/status';
export const statusFolder = 'var/lib/dpkg/status.d/';
export const listFolder = 'var/lib/dpkg/info/';
export const diversionsPath = 'var/lib/dpkg/diversions';
export const docFolder = 'usr/share/doc/';
