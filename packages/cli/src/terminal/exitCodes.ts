/** What the help of `flatmin` says of exit codes; the README has it, too, and tests hold it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
} as const;

export const exitCodesText = `
Exit codes:
  0    done
  1    failed: a config or data were refused, a run failed, a seed diverged
  2    the command line is not valid; nothing was begun
  129  interrupted by SIGHUP; results so far are kept
  130  interrupted by Ctrl-C
  143  interrupted by SIGTERM
`;
