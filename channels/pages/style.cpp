#include "channels/pages/style.h"

namespace peyk::channels::pages {

const std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #f3f5f6; --sheet: #ffffff; --text: #17232b; --quiet: #566570; --line: #7d8b95; --soft: #dfe5e8;
  --accent: #0b5d78; --on-accent: #ffffff; --wrong: #a8201a; --wrong-ground: #fdf0ef; --own: #e6f1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10171c; --sheet: #182229; --text: #e7edf0; --quiet: #a3b1ba; --line: #71818c; --soft: #2b3840;
    --accent: #7cc4de; --on-accent: #0c1a21; --wrong: #ff9d94; --wrong-ground: #3a1f1f; --own: #1d3642;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1.0625rem/1.6 system-ui, "Vazirmatn", "Noto Sans", "Noto Naskh Arabic", "Noto Sans Armenian", "DejaVu Sans",
    sans-serif;
}
main, nav { max-width: 38rem; margin-inline: auto; }
main {
  background: var(--sheet); border: 1px solid var(--soft); border-radius: .75rem; padding: 1.25rem;
  margin-block-end: 2rem;
}
@media (min-width: 40rem) { main { padding: 2rem 2.25rem; } body { padding-block-start: 2rem; } }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; }
h2 { font-size: 1.125rem; margin: 1.75rem 0 .5rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
.languages { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0 0 .75rem; }
.languages span { font-weight: 600; }
.languages a, .languages span { display: inline-block; padding-block: .25rem; }
.quiet, .hint { color: var(--quiet); }
.hint { font-size: .9375rem; margin: .25rem 0 0; }
.field { margin: 0 0 1.125rem; }
label { display: block; font-weight: 600; margin-block-end: .25rem; }
label .quiet { font-weight: 400; font-size: .9375rem; }
input, select, textarea {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--sheet);
  border: 1px solid var(--line); border-radius: .5rem;
}
textarea { min-height: 10rem; resize: vertical; }
input[type="file"] { padding: .5rem; }
[aria-invalid="true"] { border: 2px solid var(--wrong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button, .button {
  display: inline-block; min-height: 2.75rem; padding: .5rem 1.75rem; font: inherit; font-weight: 600; border: 0;
  border-radius: .5rem; background: var(--accent); color: var(--on-accent); text-decoration: none; cursor: pointer;
}
.errors {
  border: 2px solid var(--wrong); border-radius: .5rem; background: var(--wrong-ground); padding: .75rem 1rem;
  margin: 0 0 1.25rem;
}
.errors p { margin: 0 0 .25rem; font-weight: 600; }
.errors ul { margin: 0; padding-inline-start: 1.25rem; }
.errors a { color: var(--wrong); }
.reference { font-size: 1.5rem; font-weight: 700; letter-spacing: .03em; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 1rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.next { border-inline-start: 4px solid var(--accent); padding-inline-start: 1rem; margin: 0 0 1.25rem; }
.next p { margin: 0 0 .25rem; }
.messages { list-style: none; margin: 0; padding: 0; }
.messages > li {
  border: 1px solid var(--soft); border-radius: .75rem; padding: .75rem 1rem; margin-block-end: .75rem;
  margin-inline-end: 8%;
}
.messages > li.own { background: var(--own); margin-inline: 8% 0; }
.messages > li.notice { border-style: dashed; margin-inline: 0; color: var(--quiet); }
.messages .head { display: flex; flex-wrap: wrap; gap: 0 .75rem; justify-content: space-between; font-size: .9375rem; }
.messages .text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0 0; }
.messages .files { margin: .5rem 0 0; padding-inline-start: 1.25rem; }
)css";

}  // namespace peyk::channels::pages
