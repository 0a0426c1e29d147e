import { suggestion } from '../errors/closest.js';
import { FlatminError, show } from '../errors/errors.js';
import { checkPlugin, type Plugin, type PluginKind } from './plugin.js';

/** The plugins of a container, by id. Frozen once the container is built. */
export class Registry {
  readonly #plugins = new Map<string, Plugin>();
  #frozen = false;

  /** Adds a plugin; refuses, by name, what is not a plugin, a taken id, and any plugin after {@link freeze}. */
  register(candidate: unknown): void {
    checkPlugin(candidate);
    const { id, kind } = candidate;
    if (this.#frozen) {
      throw new FlatminError(
        'PLUGIN_LATE',
        `plugin ${show(id)} was registered after the container was built. Pass it to createContainer({ plugins: [...] }).`,
      );
    }
    const taken = this.#plugins.get(id);
    if (taken !== undefined) {
      throw new FlatminError(
        'PLUGIN_DUPLICATE',
        `plugin id ${show(id)} (${kind}) is taken by another ${taken.kind} plugin. Remove one of the two, or rename yours.`,
      );
    }
    this.#plugins.set(id, candidate);
  }

  /** Ends registration; refuses a plugin that is composed of one that is not here. */
  freeze(): this {
    for (const { id, requires = [] } of this.#plugins.values()) {
      const missing = requires.filter((required) => !this.#plugins.has(required));
      if (missing.length > 0) throw missingDependency(id, missing);
    }
    this.#frozen = true;
    return this;
  }

  /** All plugins, by kind and then id. */
  list(): readonly Plugin[] {
    return [...this.#plugins.values()].sort((a, b) => a.kind.localeCompare(b.kind) || a.id.localeCompare(b.id));
  }

  find(id: string): Plugin | undefined {
    return this.#plugins.get(id);
  }

  /** The plugin of that id and one of these kinds, or a named error that lists what there is. */
  get<K extends PluginKind>(id: string, ...kinds: readonly K[]): Plugin<K> {
    const plugin = this.#plugins.get(id);
    if (plugin !== undefined && (kinds as readonly PluginKind[]).includes(plugin.kind))
      return plugin as unknown as Plugin<K>;
    const known = this.list().flatMap((each) => ((kinds as readonly PluginKind[]).includes(each.kind) ? each.id : []));
    const what = plugin === undefined ? 'is not registered' : `is a ${plugin.kind}`;
    const remedy = suggestion(
      id,
      known,
      `Known: ${known.join(', ') || 'none'}. Register the package that has it: createContainer({ plugins: [plugin] }).`,
    );
    throw new FlatminError('PLUGIN_UNKNOWN', `${show(id)} ${what}; a ${kinds.join(' or ')} is needed here. ${remedy}`);
  }
}

function missingDependency(id: string, missing: readonly string[]): FlatminError {
  const packages = missing.map((each) => `@flatmin/${each}`).join(' and ');
  return new FlatminError(
    'PLUGIN_MISSING_DEPENDENCY',
    `plugin ${show(id)} is composed of ${missing.map(show).join(' and ')}, not registered here. Pass them too: createContainer({ plugins: ` +
      `[...] }), from ${packages} if they are official; in code without a container, import 'flatmin' or call useContainer first.`,
  );
}
