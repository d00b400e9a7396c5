// `downstream/openfeature`: a provider for the OpenFeature SDK for servers (Provider interface of @openfeature/server-sdk 1.23,
// specification section 2). A gate is a boolean flag: true while it lets the caller run. The SDK itself is not needed here.
import { type Client, type ClientOptions, createClient, NotAsked, type OnUnknown } from './client.ts';

export interface ProviderOptions extends ClientOptions {
  /**
   * What a flag is when the observatory cannot be asked or does not know. Without it, the default given in the code counts, and the
   * evaluation says that it went wrong.
   */
  readonly onUnknown?: OnUnknown;
}

interface Context {
  /** Taken as the key of the run: while a gate is releasing, each targeting key waits for its turn. */
  readonly targetingKey?: string;
}
interface Resolution<T> {
  readonly value: T;
  readonly reason: string;
  readonly variant?: string;
  readonly errorCode?: never;
  readonly errorMessage?: string;
  readonly flagMetadata?: Record<string, string | number | boolean>;
}

/** Hand it to `OpenFeature.setProvider`. */
export class DownstreamProvider {
  readonly metadata = { name: 'downstream' } as const;
  readonly runsOn = 'server';
  readonly #client: Client;
  readonly #onUnknown: OnUnknown | undefined;

  constructor(options: ProviderOptions) {
    this.#client = createClient(options);
    this.#onUnknown = options.onUnknown;
  }

  async resolveBooleanEvaluation(
    flag: string,
    defaultValue: boolean,
    context: Context = {},
  ): Promise<Resolution<boolean>> {
    const gate = this.#client.gate(flag);
    const key = context.targetingKey;
    try {
      let answer = await gate.ask();
      if (answer.state === 'releasing' && key !== undefined) answer = await gate.ask((await gate.take(key)).ticket);
      const { state, runs, reason } = answer;
      const flagMetadata = { says: reason, since: answer.since };
      if (state !== 'unknown') return { value: runs, variant: state, reason: 'TARGETING_MATCH', flagMetadata };
      const value = this.#onUnknown === undefined ? runs : this.#onUnknown === 'run';
      return { value, variant: state, reason: 'UNKNOWN', flagMetadata };
    } catch (error) {
      if (!(error instanceof NotAsked)) throw error;
      if (error.status === 404) return failed(defaultValue, 'FLAG_NOT_FOUND', error.message);
      if (this.#onUnknown === undefined) return failed(defaultValue, 'GENERAL', error.message);
      return { value: this.#onUnknown === 'run', reason: 'STALE', flagMetadata: { says: error.message } };
    }
  }

  async resolveStringEvaluation(flag: string, defaultValue: string): Promise<Resolution<string>> {
    return failed(defaultValue, 'TYPE_MISMATCH', `${flag} is a gate: ask for a boolean`);
  }

  async resolveNumberEvaluation(flag: string, defaultValue: number): Promise<Resolution<number>> {
    return failed(defaultValue, 'TYPE_MISMATCH', `${flag} is a gate: ask for a boolean`);
  }

  async resolveObjectEvaluation<T>(flag: string, defaultValue: T): Promise<Resolution<T>> {
    return failed(defaultValue, 'TYPE_MISMATCH', `${flag} is a gate: ask for a boolean`);
  }
}

/** The SDK's ErrorCode is an enum of these very words; its type cannot be named without the SDK. */
function failed<T>(value: T, errorCode: string, errorMessage: string): Resolution<T> {
  return { value, reason: 'ERROR', errorCode: errorCode as never, errorMessage };
}
