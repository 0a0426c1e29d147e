import protobuf from 'protobufjs';

/* The fields of the messages of TensorBoard's HParams plugin that are written here, by their published numbers
   (tensorboard/plugins/hparams/plugin_data.proto, api.proto; Value is google.protobuf.Value). */
const text = `
syntax = "proto3";
package hparams;

message Value { oneof kind { double number_value = 2; string string_value = 3; bool bool_value = 4; } }
message SessionStartInfo { map<string, Value> hparams = 1; double start_time_secs = 5; }
message SessionEndInfo { int32 status = 1; double end_time_secs = 2; }
message HParamsPluginData {
  int32 version = 1;
  oneof data { SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; }
}
`;

const dataType = protobuf.parse(text, { keepCase: true }).root.lookupType('hparams.HParamsPluginData');

/** Settings of a run by name, as the HParams tab of TensorBoard has them: `optimizer.rho`. */
export type HParams = Readonly<Record<string, string | number | boolean>>;

/** What a plugin of TensorBoard is told of a run, under a tag. */
export interface PluginData {
  readonly tag: string;
  readonly plugin: string;
  readonly content: Uint8Array;
}

/** Of the enumeration Status. */
const statuses = { success: 1, failure: 2 } as const;

/*
 * No summary of the experiment is written. TensorBoard takes the first that it finds in any run for all of them, and
 * with it the settings and metrics of that one run; without it, it makes one of what all runs tell: settings that
 * differ come first, and every scalar is a metric.
 */

/** That a run with some settings began. */
export function sessionStart(hparams: HParams, seconds: number): PluginData {
  const values = Object.entries(hparams).map(([name, value]) => [name, { [`${kindOf(value)}_value`]: value }] as const);
  return pluginData('session_start_info', { hparams: Object.fromEntries(values), start_time_secs: seconds });
}

/** How it ended. TensorBoard keeps the first that it is told: a run that may go on has not ended. */
export function sessionEnd(status: keyof typeof statuses, seconds: number): PluginData {
  return pluginData('session_end_info', { status: statuses[status], end_time_secs: seconds });
}

function pluginData(name: string, data: object): PluginData {
  // Of version 0.
  const content = dataType.encode(dataType.fromObject({ [name]: data })).finish();
  return { tag: `_hparams_/${name}`, plugin: 'hparams', content };
}

const kindOf = (value: string | number | boolean): string => (typeof value === 'boolean' ? 'bool' : typeof value);
