import { type Finding, Findings } from '../finding.js';
import { loadReference } from '../reference/reference.js';
import { runReference } from '../reference/runReference.js';
import type { Subject } from '../subject.js';

/** C14: the trajectory equals its reference within the file's tolerance. */
export async function checkReferences(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C14');
  for (const golden of subject.cases.golden) {
    const reference = typeof golden === 'string' ? await loadReference(golden) : golden;
    await findings.attempt(reference.name, async () => {
      const run = await runReference(reference, (spec, context) => subject.from(spec, context));
      for (const message of run.messages) findings.list.push({ check: 'C14', message: `C14 ${message}` });
    });
  }
  return findings.list;
}
