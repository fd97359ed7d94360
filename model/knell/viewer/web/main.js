/** The entry: reads the data that stand in the page and shows them, or says why that is impossible. */

import { h, replace } from "./dom.js";
import { Run } from "./run.js";
import { showLive } from "./live.js";
import { showReport } from "./report.js";
import { showRun } from "./app.js";

/** @param {HTMLElement} root @param {string} title @param {string} text */
function fail(root, title, text) {
    replace(
        root,
        h(
            "main",
            { class: "failure", role: "alert" },
            h("h1", {}, title),
            h("p", {}, text),
            h("p", { class: "quiet" }, "The terminal shows the same: knell view TRACE"),
        ),
    );
}

/** @param {HTMLElement} root @param {any} content */
function showContent(root, content) {
    if (content.error) return fail(root, "This trace can't be shown", content.error);
    if (content.live) return showLive(root, content.live);
    if (!content.report) {
        const [run, other] = content.traces.map((/** @type {any} */ bundle) => new Run(bundle));
        showRun(root, run, other ?? null, {});
        return;
    }
    const places = new Map(/** @type {string[]} */ (content.places).map((place, i) => [place, i]));
    const home = () => {
        history.replaceState(null, "", "#");
        window.onhashchange = null;
        showReport(root, content.report, open, places);
    };
    const open = (/** @type {string} */ place) => {
        const index = places.get(place);
        if (index === undefined) return home();
        const prefix = `trace=${encodeURIComponent(place)}`;
        if (!location.hash.startsWith(`#${prefix}`)) history.replaceState(null, "", `#${prefix}`);
        showRun(root, new Run(content.traces[index]), null, { back: home, prefix });
        window.scrollTo(0, 0);
    };
    const asked = /^#trace=([^&]*)/.exec(location.hash);
    if (asked) open(decodeURIComponent(asked[1]));
    else home();
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
try {
    showContent(root, JSON.parse(document.getElementById("data")?.textContent ?? ""));
} catch (error) {
    const why =
        error instanceof SyntaxError
            ? "its data are damaged: the file was cut off or changed"
            : "its data are not what this page expects";
    fail(
        root,
        "This trace can't be shown",
        `${why} (${error instanceof Error ? error.message : String(error)}).`,
    );
}
performance.mark("knell-shown");
document.documentElement.dataset.ready = "true";
