/**
 * The overlay's looks. As a sheet that the script makes, it needs no `'unsafe-inline'` of the page's policy; in its own tree
 * it touches nothing of the page, and `all: initial` lets nothing of the page in.
 */
export const style = `
:host {
  all: initial;
  color-scheme: light dark;
  --ink: #1d2430; --soft: #586274; --paper: #fff; --line: #dfe3ea; --good: #0b6b47; --goodly: #e3f4ec;
  --bad: #a52614; --badly: #fdeae6; --accent: #2f4fc4;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ink: #e8ecf3; --soft: #a5b0c2; --paper: #171c26; --line: #2e3644; --good: #6fd6a6; --goodly: #14352a;
    --bad: #ff9d8a; --badly: #43201a; --accent: #9db3ff;
  }
}
section {
  position: fixed; z-index: 2147483647; inset: auto 16px 16px auto; box-sizing: border-box;
  width: min(420px, calc(100vw - 32px)); max-height: min(640px, calc(100vh - 32px)); overflow: auto;
  background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 14px;
  box-shadow: 0 2px 6px rgb(9 14 26 / 12%), 0 18px 48px rgb(9 14 26 / 26%);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif;
}
header {
  position: sticky; top: 0; display: flex; align-items: center; gap: 10px; padding: 14px 14px 12px 18px;
  background: var(--paper); border-bottom: 1px solid var(--line);
}
h2, h3, p, ul { margin: 0; padding: 0; }
h2 { font-size: 16px; font-weight: 650; letter-spacing: -0.01em; }
h2 small { margin-left: 6px; color: var(--soft); font-size: 12px; font-weight: 400; }
h3 { margin: 16px 0 6px; color: var(--soft); font-size: 12px; font-weight: 600; }
.verdict { margin-left: auto; padding: 2px 10px; border-radius: 99px; font-size: 12px; font-weight: 600; }
.good { background: var(--goodly); color: var(--good); }
.bad { background: var(--badly); color: var(--bad); }
.body { padding: 0 18px 18px; }
ul { list-style: none; }
.platforms { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.platforms li { padding: 7px 10px; border: 1px solid var(--line); border-radius: 8px; }
.platforms span { display: block; color: var(--soft); font-size: 12px; }
.platforms .none { border-style: dashed; color: var(--soft); }
.checks li { display: grid; grid-template-columns: 22px 1fr; padding: 8px 0; border-top: 1px solid var(--line); }
.checks li:first-child { border-top: 0; }
.checks b { font-weight: 600; }
.checks p { grid-column: 2; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.mark { font-weight: 700; color: var(--good); }
.failed .mark, .failed b { color: var(--bad); }
.failed p { color: var(--ink); }
code {
  display: block; max-height: 5.8em; overflow: auto; padding: 8px 10px; border: 1px solid var(--line); border-radius: 8px;
  font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; user-select: all;
}
.note { margin-top: 5px; color: var(--soft); font-size: 12px; }
button {
  width: 32px; height: 32px; border: 0; border-radius: 8px; background: none; color: var(--soft); font: 20px/1 system-ui;
  cursor: pointer;
}
button:hover { background: var(--line); color: var(--ink); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
@media print { section { display: none; } }
`;
