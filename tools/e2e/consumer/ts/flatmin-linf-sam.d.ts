// The stranger's package is plain JavaScript, so its user says what it exports.
declare module 'flatmin-linf-sam' {
  const plugin: import('@flatmin/core/plugin').Plugin<'variant'>;
  export default plugin;
  export const linfSam: typeof import('@flatmin/sam').sam;
}
