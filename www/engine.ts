/** The six functions of the WebAssembly module, without its loader: what is not named here is not bundled. */
export { capture, capturePage, checkSettings, conversionRequests, stash, unstash } from "#glue";
