/** What is used of ejs, which brings no types. */
declare module 'ejs' {
  const ejs: {
    render(
      template: string,
      values: object,
      options: { readonly filename: string; escape(value: unknown): string },
    ): string;
  };
  export default ejs;
}
