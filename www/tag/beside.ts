/** Files that lie beside the script and that few pages need: loaded on demand, once, with their integrity hash. */
import type { Beside } from "./seams.js";
import type { Settings } from "./settings.js";

/** What `trustedTypes.createPolicy` makes. */
interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;

/** The address, as pages with `require-trusted-types-for 'script'` want it. */
const trusted = (url: string) => {
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
  policy ??= types?.createPolicy("aftercall", { createScriptURL: (url) => url });
  return policy ? policy.createScriptURL(url) : url;
};

/** The loader of one tag. A file that does not come, or is not the one that was built with this script, rejects. */
export const createLoader = (script: HTMLScriptElement | undefined, settings: Settings) => {
  const loading: { [Name in keyof Beside]?: Promise<Beside[Name]> } = {};
  // Asked for now: in a module, and later on, nobody knows the element any more.
  const source = script?.src;

  return <Name extends keyof Beside>(name: Name): Promise<Beside[Name]> => {
    const load = () =>
      new Promise<Beside[Name]>((resolve, reject) => {
        const given = name === "nowasm" && settings.nowasmSrc;
        const folder = settings.base || source;
        if (!given && !folder) throw new Error("Nobody knows where it lies: name its folder in data-base.");
        const element = document.createElement("script");
        const fail = () => reject(new Error(`${element.src} did not load, or is of another version.`));
        element.onload = () => {
          const { handed } = element as { handed?: Beside[Name] };
          if (handed) resolve(handed);
          else fail();
        };
        element.onerror = fail;
        element.integrity = __INTEGRITY__[name];
        element.crossOrigin = "anonymous";
        element.nonce = script?.nonce || "";
        element.src = trusted(
          given || new URL(`aftercall.${name}.js`, new URL(folder as string, document.baseURI)).href,
        );
        document.head.append(element);
      });
    const started = (loading[name] as Promise<Beside[Name]> | undefined) ?? load();
    Object.assign(loading, { [name]: started });
    return started;
  };
};

export type Loader = ReturnType<typeof createLoader>;
