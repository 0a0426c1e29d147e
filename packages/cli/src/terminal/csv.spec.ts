import { expect, it } from '@jest/globals';
import { csvOf } from './csv.js';

it('csvOf quotes what needs it, leaves empty what there is not, and gives a spreadsheet no formula', () => {
  const rows = [['a "b", c', 1.5, null], ['=1+1\n', -2, true]]; // prettier-ignore
  expect(csvOf(['x', 'y', 'z'], rows)).toBe('x,y,z\r\n"a ""b"", c",1.5,\r\n"\'=1+1\n",-2,true\r\n');
});
