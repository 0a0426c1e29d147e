// Rules for dependency-cruiser, which runs with `npm run lint`: rooms import downwards only, and no files import each
// other in a circle. Imports of types count. Specs and fixtures may reach anywhere.
import { rooms } from './rooms.mjs';

/** What stands above a room is forbidden to it: the rooms behind it in the table, and the entries beside the rooms. */
function upwards([folder, names]) {
  return names.map((name, index) => ({
    name: 'rooms-import-downwards',
    comment: `${folder}/src/${name} stands below what it imports; the order is in tools/rooms/rooms.mjs.`,
    severity: 'error',
    from: { path: `^packages/${folder}/src/${name}/` },
    to: {
      path: `^packages/${folder}/src/(${[...names.slice(index + 1).map((each) => `${each}/`), '[^/]+$'].join('|')})`,
    },
  }));
}

export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'These files import each other in a circle: none of them can be read, or tested, without the others.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(rooms).flatMap(upwards),
  ],
  options: {
    includeOnly: '^packages/(variants/|datasets/|models/)?[^/]+/src/',
    exclude: '[.](spec|fixture)[.]',
    // As they are written: TypeScript leaves imports of types out of what it makes.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
