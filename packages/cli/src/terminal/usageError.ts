/** A name that nobody has, and those there are. */
interface Mistaken {
  readonly name: string;
  readonly known: readonly string[];
}

/**
 * The command line itself cannot be followed: nothing was begun, and the exit code is 2. Mistakes in configs and data
 * are errors of flatmin.
 */
export class UsageError extends Error {
  readonly code = 'USAGE';
  readonly mistaken: Mistaken | undefined;

  constructor(message: string, mistaken?: Mistaken) {
    super(message);
    this.mistaken = mistaken;
  }

  /** The message, with the name that was probably meant. */
  async withSuggestion(): Promise<string> {
    if (this.mistaken === undefined) return this.message;
    const { suggestion } = await import('@flatmin/core/internal'); // Only here: `--help` must not wait for it.
    return [this.message, suggestion(this.mistaken.name, this.mistaken.known, '')].filter(Boolean).join(' ');
  }
}
