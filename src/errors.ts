// Expected trouble, by code. `docs/errors.md` lists every code; a test holds the two together. Codes are never reused.

export const ERROR_CODES = {
  usage: 'the command line is wrong',
  'config-invalid': 'the configuration file is wrong',
  'catalogue-invalid': 'a catalogue file is wrong',
  'input-malformed': 'a line or document cannot be read',
  'feed-unknown': 'no adapter recognises this status feed',
  'port-busy': 'another program listens on that port',
  'data-locked': 'another observatory uses this data folder',
  'data-unwritable': 'the data folder cannot be written',
  'disk-full': 'the disk is full',
  'not-found': 'there is no such thing here',
  unreachable: 'the observatory could not be asked',
  overloaded: 'more work than can be kept safe just now',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** What is wrong, and what to do about it. Bugs are not DownstreamErrors: they are thrown and end the process. */
export class DownstreamError extends Error {
  override readonly name = 'DownstreamError';
  readonly code: ErrorCode;
  /** The mend, in words. */
  readonly hint: string;
  readonly retryable: boolean;
  constructor(
    code: ErrorCode,
    message: string,
    hint: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.retryable = options.retryable ?? false;
  }
}
