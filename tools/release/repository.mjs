// What a release asks of the git repository.
import { StepFailed, capture } from '../setup/steps.mjs';

const git = async (...args) => (await capture('git', args)).trim();

export async function refuseUncommittedChanges() {
  const changes = await git('status', '--porcelain');
  if (changes === '') return;
  throw new StepFailed(
    `A release is made of commits, and these files are not committed:\n${changes}\nCommit or stash them, then start again.`,
  );
}

/** Nx would take the versions on disk for released ones and raise them, so that nothing could be released as 0.1.0. */
export async function refuseWrongFirst(firstRelease) {
  const tags = await git('tag', '--list', '*@[0-9]*');
  if (firstRelease && tags !== '')
    throw new StepFailed(`There are releases already (${tags.split('\n')[0]}): leave --first-release out.`);
  if (!firstRelease && tags === '')
    throw new StepFailed(
      'There is no release yet, or its tags are not here. Fetch them with `git fetch --tags`, or make the first ' +
        'release with `npm run release -- --first-release`.',
    );
}

/** Breaking commits since the last release whose scope names none of `packages`: Nx takes each for a patch. */
export async function unclaimedBreaks(packages) {
  const last = await git('tag', '--list', '*@[0-9]*', '--merged', 'HEAD', '--sort=-creatordate');
  const range = last === '' ? 'HEAD' : `${last.split('\n')[0]}..HEAD`;
  const log = await git('log', range, '--format=%s', '--', 'packages');
  const known = new Set(packages.map((name) => name.replace(/^@flatmin\//, '')));
  return log.split('\n').filter((subject) => {
    const scopes = /^\w+\((.+)\)!:/.exec(subject)?.[1].split(',');
    return scopes?.some((scope) => !known.has(scope.trim().replace(/^@flatmin\//, '')));
  });
}

/** The commit and the tags, before anything is published: provenance names this commit. */
export function push() {
  return git('push', '--follow-tags');
}
