// The bundler makes a URL of these.
declare module '*.wasm' {
  const url: string;
  export default url;
}
declare module '*.css';
declare module '@tensorflow/tfjs-core/dist/register_all_gradients.js';
