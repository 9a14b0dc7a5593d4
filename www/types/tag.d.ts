/**
 * The script tag, `dist/aftercall.js`.
 *
 * Before it runs, `window.aftercall` is a plain array to push callbacks to; then it is the tag, and callbacks run at once.
 *
 * ```html
 * <script>(window.aftercall ??= []).push((tag) => console.log(tag.token))</script>
 * <script async src="aftercall.js" data-consent="none" data-vwo-account="123456"></script>
 * ```
 *
 * Settings are attributes of the script element. Where the element cannot be found (module loaders, some tag managers),
 * `window.aftercallConfig` holds them, with the same names in camelCase: `{ vwoAccount: "123456" }`.
 *
 * | attribute | what |
 * |---|---|
 * | `data-optimizely-account`, `data-optimizely-project` | where the page does not tell |
 * | `data-vwo-account` | where the page does not tell |
 * | `data-kameleoon-site` | where the page does not tell |
 * | `data-convert-account`, `data-convert-project` | where the page does not tell |
 * | `data-consent` | `none`, `tcf`, `google`, `onetrust`, `cookiebot`, `wp` or `custom`: whom to ask. Without it nothing is written or handed on; with a tool named nothing is even read before it consents |
 * | `data-consent-purposes` | what has to be granted, in the tool's own words; all of them. Default: TCF's purposes `1 8`, Google's `analytics_storage`, OneTrust's `C0002`, Cookiebot's and WordPress's `statistics` |
 * | `data-gpc` | `ignore`: Global Privacy Control is no refusal here |
 * | `data-outlets` | whom to hand the token to: names, separated by spaces; `auto`: those that are detected |
 * | `data-cookie` | name of our cookie, default `aftercall_ctx` |
 * | `data-cookie-domain` | its domain, default the widest that the browser lets the page set |
 * | `data-cookie-days` | its life, default 30; `0`: no cookie |
 * | `data-engine` | `js`: never try WebAssembly |
 * | `data-nowasm-src` | where `aftercall.nowasm.js` lies, if not beside the script |
 * | `data-base` | the folder of the files beside the script, where its own address does not tell |
 *
 * An unknown attribute or value is the problem `unknown-setting`, with a suggestion.
 *
 * For the types of `window.aftercall`, name this file: `/// <reference path="node_modules/aftercall/dist/types/tag.d.ts" />`.
 */
declare namespace AftercallTag {
  type Core = typeof import("./index.js");

  /** No function of the tag throws: what the package throws is a problem in what it returns here. */
  interface Tag
    extends Pick<Core, "capture" | "stash" | "stashParts" | "unstash" | "conversionRequests" | "checkSettings"> {
    readonly version: string;
    /** As last captured; before consent an empty context with the problem `no-consent`. */
    readonly visitor: import("./index.js").VisitorContext;
    /** "" while there is nothing to stash. */
    readonly token: string;
    readonly ready: Promise<Tag>;
    push(...callbacks: ((tag: Tag) => void)[]): void;
    /** Called at once, then whenever the token changes. Returns the way to stop. */
    watch(callback: (tag: Tag) => void): () => void;
    /** `data-consent="custom"`: what the site's own consent says now. */
    consent(granted: boolean): void;
    /** Reads the page again, now. By itself it is read when a platform has decided, on new routes, when it is shown or hidden. */
    refresh?(): void;
    /** What works on this page and what does not, each with what to do. */
    diagnose(): { ok: boolean; checks: { name: string; ok: boolean; message: string }[] };
  }
}

interface Window {
  aftercall?: AftercallTag.Tag | ((tag: AftercallTag.Tag) => void)[];
  aftercallConfig?: Record<string, string>;
  /** The outlet `callback`: the token, and its parts by field name. */
  aftercallCallback?: (token: string, fields: Record<string, string>) => void;
  /** The outlet `invoca`: what an expression in its tag reads. */
  aftercallFields?: Record<string, string>;
  /** The outlet `retreaver`: numbers that the site requested itself. */
  aftercallNumbers?: unknown[];
}

interface DocumentEventMap {
  "aftercall:ready": CustomEvent<AftercallTag.Tag>;
  "aftercall:change": CustomEvent<AftercallTag.Tag>;
  /** The outlet `event`. */
  "aftercall:token": CustomEvent<{ token: string; fields: Record<string, string> }>;
}
