import { FlatminError } from '@flatmin/core';
import { isIP } from 'node:net';

/** Where a Redis is, and how it is entered. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  /** Number of the database. */
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string };
}

/** What processes that train are not given. */
export const redisVariables = {
  url: 'FLATMIN_REDIS_URL',
  username: 'FLATMIN_REDIS_USERNAME',
  password: 'FLATMIN_REDIS_PASSWORD',
} as const;

/**
 * The address that a URL means; what it leaves out the environment says.
 *
 * @param url default: FLATMIN_REDIS_URL.
 * @throws FlatminError RUN_INVALID, without the text of the URL, in which a password may stand.
 */
export function redisAddress(
  url: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): RedisAddress {
  const text = url ?? env[redisVariables.url];
  if (text === undefined || text === '') {
    throw refused(`there is no Redis address. Give redis://host:port, or set ${redisVariables.url}`);
  }
  const parsed = parse(text);
  const username = decoded(parsed.username) ?? env[redisVariables.username];
  const password = decoded(parsed.password) ?? env[redisVariables.password];
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(parsed.port || 6379),
    db: Number(parsed.pathname.slice(1) || 0),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(parsed.protocol === 'rediss:' && { tls: isIP(host) === 0 ? { servername: host } : {} }),
  };
}

function parse(text: string): URL {
  const parsed = urlOf(text);
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw refused('the Redis address is not a Redis URL. Write redis://host:port, or rediss://host:port for TLS');
  }
  const place = `${parsed.protocol}//${parsed.host}`;
  if (!/^\/?\d*$/.test(parsed.pathname)) {
    throw refused(`${place} is followed by something that is not a database number. Write ${place}/0`);
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw refused(`${place} is followed by options, which are not supported. Write ${place}${parsed.pathname}`);
  }
  return parsed;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Undefined for nothing: `redis://:secret@host` has no user. */
function decoded(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('the password in the Redis address has a % that is not written as %25. Write it as %25');
  }
}

const refused = (what: string): FlatminError => new FlatminError('RUN_INVALID', `${what}.`);

/** The address as it may be shown: without user and password. */
export function placeOf({ host, port, db, tls }: RedisAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'redis' : 'rediss'}://${name}:${port}${db === 0 ? '' : `/${db}`}`;
}

/** A text of somebody else, such as of an error, that may go to a terminal or a file: without the password. */
export function withoutPassword(text: string, { password }: Pick<RedisAddress, 'password'>): string {
  if (password === undefined || password === '') return text;
  return [encodeURIComponent(password), password].reduce((left, secret) => left.replaceAll(secret, '***'), text);
}
