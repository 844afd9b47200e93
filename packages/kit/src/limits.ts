// The limits that every reader of hostile input obeys, with the reason for each number.

export const kibibyte = 1024;
export const mebibyte = 1024 * kibibyte;
export const gibibyte = 1024 * mebibyte;

export interface LayerLimits {
  /** Uncompressed bytes of one layer. */
  readonly layerBytes: number;
  /** Uncompressed ÷ compressed, counted once `ratioFromBytes` have come out. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  readonly entries: number;
  /** Bytes of one path; Linux's PATH_MAX is 4,096. */
  readonly pathBytes: number;
  readonly pathDepth: number;
  /** Bytes of one PAX or GNU long-name record block. */
  readonly metadataBytes: number;
  /** Bytes of all files kept from one layer, and from all layers of an image. */
  readonly keptBytes: number;
}

/**
 * 64 GiB: four times the largest layer we know of. Ratio 200 over 256 MiB: three million empty files compress 1:120, a run of
 * zeros about 1:1030. 8 million entries: twice the largest image reported to a peer. 1 MiB of extended header: GNU tar writes under 9 KiB.
 * 320 MiB kept: an rpm database of a full workstation has 300 MiB.
 */
export const defaultLayerLimits: LayerLimits = {
  layerBytes: 64 * gibibyte,
  ratio: 200,
  ratioFromBytes: 256 * mebibyte,
  entries: 8_000_000,
  pathBytes: 4096,
  pathDepth: 512,
  metadataBytes: mebibyte,
  keptBytes: 320 * mebibyte,
};

/** Bytes read at a time. Node's default of 16 KiB makes inflating four times slower. */
export const chunkBytes = 1024 * kibibyte;
