/**
 * The script tag, `dist/aftercall.js`.
 *
 * Before it runs, `window.aftercall` is a plain array to push callbacks to; then it is the tag, and callbacks run at once.
 *
 * ```html
 * <script>(window.aftercall ??= []).push((tag) => console.log(tag.token))</script>
 * <script async src="aftercall.js" data-vwo-account="123456"></script>
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
 *
 * An unknown attribute is the problem `unknown-setting`, with a suggestion. The tag reads; it writes nothing.
 *
 * For the types of `window.aftercall`, name this file: `/// <reference path="node_modules/aftercall/dist/types/tag.d.ts" />`.
 */
declare namespace AftercallTag {
  type Core = typeof import("./index.js");

  /** No function of the tag throws: what the package throws is a problem in what it returns here. */
  interface Tag
    extends Pick<Core, "capture" | "stash" | "stashParts" | "unstash" | "conversionRequests" | "checkSettings"> {
    readonly version: string;
    /** As last captured: when the script ran, and again when the page is shown or hidden. */
    readonly visitor: import("./index.js").VisitorContext;
    /** "" while there is nothing to stash. */
    readonly token: string;
    readonly ready: Promise<Tag>;
    push(...callbacks: ((tag: Tag) => void)[]): void;
    /** Called at once, then whenever the token changes. Returns the way to stop. */
    watch(callback: (tag: Tag) => void): () => void;
    /** `data-consent="custom"`: what the site's own consent says now. */
    consent(granted: boolean): void;
    /** What works on this page and what does not, each with what to do. */
    diagnose(): { ok: boolean; checks: { name: string; ok: boolean; message: string }[] };
  }
}

interface Window {
  aftercall?: AftercallTag.Tag | ((tag: AftercallTag.Tag) => void)[];
  aftercallConfig?: Record<string, string>;
}

interface DocumentEventMap {
  "aftercall:ready": CustomEvent<AftercallTag.Tag>;
  "aftercall:change": CustomEvent<AftercallTag.Tag>;
}
