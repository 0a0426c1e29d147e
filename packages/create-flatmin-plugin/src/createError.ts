/**
 * The one error of this package. Its message says what is wrong, the value and the remedy. It is no FlatminError: that
 * one's package would bring TensorFlow.js into every `npm create`.
 */
export class CreateError extends Error {
  override readonly name = 'CreateError';
}
