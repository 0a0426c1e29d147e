/** What a file says of its image before anything is decoded. */
export interface ImageHeader {
  readonly format: 'JPEG' | 'PNG';
  readonly width: number;
  readonly height: number;
  /** Where width and height stand in the file. */
  readonly sizeOffset: number;
  readonly color: 'gray' | 'RGB' | 'CMYK';
  /** Bits of a value; 16 only in PNG files. */
  readonly bits: number;
  readonly transparent: boolean;
  /** Where the compressed pixels begin. */
  readonly dataOffset: number;
  /** The most pixels that a file of this size can hold, by the format's best compression. */
  readonly mostPixels: number;
}
