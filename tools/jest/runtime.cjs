// Jest evaluates every module again for each test file: TensorFlow.js alone took most of a second of each, and a minute
// of steps until V8 had compiled its hot code anew. Here a worker loads TensorFlow.js once, outside of jest's sandbox.
// What a file did to it (kernels, gradients, layer classes, variables) is undone before the next.
const { createRequire } = require('node:module');
const { types } = require('node:util');
const { default: Runtime } = require('jest-runtime');

/** By file, what it exports. */
const loaded = new Map();

/** TensorFlow.js's own maps of kernels, gradients and registered classes, and of classes by their names. */
function registries() {
  const maps = [...(globalThis._tfGlobals?.values() ?? [])].filter((value) => value instanceof Map);
  const core = find('engine');
  if (core === undefined) return { maps, classes: {} };
  registered ??= mapsOfRegistered(core.serialization);
  return { maps: [...maps, ...registered], classes: core.serialization.SerializationMap.getMap().classNameMap };
}

/** Maps of registered classes to their names and back. A class of a test file in them would keep all of its modules. */
let registered;

/** TensorFlow.js hands them out to nobody: they are seen when it writes a class into them. */
function mapsOfRegistered({ registerClass, SerializationMap }) {
  class Probe {
    static className = 'Probe';
    static fromConfig() {}
  }
  const seen = new Map();
  const { set } = Map.prototype;
  Map.prototype.set = function (key, value) {
    if (key === Probe || value === Probe) set.call(seen, this, key);
    return set.call(this, key, value);
  };
  try {
    registerClass(Probe);
  } finally {
    Map.prototype.set = set;
  }
  for (const [map, key] of seen) map.delete(key);
  delete SerializationMap.getMap().classNameMap[Probe.className];
  return [...seen.keys()];
}

const find = (name) => [...loaded.values()].find((exported) => exported[name] !== undefined);

/** Each map and object, with what TensorFlow.js itself put there. */
const own = new Map();

/** The methods of a registered class, which code may replace. */
const methodsOf = ([{ prototype }]) => Object.getOwnPropertyDescriptors(prototype);

function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const before = new Map(registries().maps.map((map) => [map, new Map(map)]));
  const classesBefore = { ...registries().classes };
  const exported = require(file);
  loaded.set(file, exported);
  const { maps, classes } = registries();
  for (const map of maps) {
    const kept = own.get(map) ?? new Map();
    own.set(map, kept);
    for (const [key, value] of map) if (before.get(map)?.get(key) !== value) kept.set(key, value);
  }
  const kept = own.get(classes) ?? new Map();
  own.set(classes, kept);
  for (const [name, entry] of Object.entries(classes)) {
    if (classesBefore[name] !== entry) kept.set(name, { entry, methods: methodsOf(entry) });
  }
  return exported;
}

/**
 * Layers keep the order of the last hundred models that ran, and with it their layers: with a class of a test file among
 * them, all modules of that file.
 */
function forgetModels(env) {
  const flag = 'TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES';
  if (env.flagRegistry[flag] === undefined) return;
  const entries = env.getNumber(flag);
  env.set(flag, 0);
  env.set(flag, entries);
}

function restore() {
  const core = find('engine');
  if (core === undefined) return;
  // As tf.engine().reset() does, but for the backends, which cost a second each: no variables, and counts that begin at
  // 0.
  const engine = core.engine();
  engine.state.dispose();
  engine.state = new engine.state.constructor();
  forgetModels(core.env());
  const { maps, classes } = registries();
  for (const map of maps) {
    map.clear();
    for (const [key, value] of own.get(map)) map.set(key, value);
  }
  for (const name of Object.keys(classes)) delete classes[name];
  for (const [name, { entry, methods }] of own.get(classes)) {
    classes[name] = entry;
    Object.defineProperties(entry[0].prototype, methods);
  }
}

/** Of every realm: code in and outside of the sandbox hands arrays and errors to each other. */
const kinds = { Array: Array.isArray, Error: types.isNativeError };

const isInstance = Function.prototype[Symbol.hasInstance];

function acceptOtherRealms(realm) {
  for (const [name, isOne] of Object.entries(kinds)) {
    const kind = realm[name];
    Object.defineProperty(kind, Symbol.hasInstance, {
      configurable: true,
      value(object) {
        return this === kind ? isOne(object) : isInstance.call(this, object);
      },
    });
  }
}
acceptOtherRealms(globalThis);

class SharingRuntime extends Runtime {
  constructor(config, environment, ...parts) {
    super(config, environment, ...parts);
    acceptOtherRealms(environment.global);
    restore();
  }

  requireModule(from, name, ...rest) {
    if (!/^@tensorflow\/tfjs/.test(name ?? '')) return super.requireModule(from, name, ...rest);
    return load(createRequire(from).resolve(name));
  }
}
module.exports = SharingRuntime;
