/** The live viewer: each choice is sent to the server that this page came from, which takes the step. */

import { h, replace } from "./dom.js";
import { Run } from "./run.js";
import { App } from "./app.js";

/** @typedef {[string, Record<string, string>]} Step */

/** @param {HTMLElement} root @param {import("./run.js").Bundle} first */
export function showLive(root, first) {
    /** @param {import("./run.js").Bundle} bundle @param {number} step */
    const show = (bundle, step) => {
        const run = new Run(bundle);
        const app = new App(root, run, null, {
            go: (from, action, parameters) => void take(run, from, action, parameters),
        });
        app.store.tab = "choices";
        history.replaceState(null, "", `#step=${step}&tab=choices`);
        app.start();
    };

    /** @param {Run} run @param {number} from @param {string} action @param {Record<string, string>} parameters */
    const take = async (run, from, action, parameters) => {
        /** @type {Step[]} */
        const steps = run.bundle.steps.slice(0, from).map((each) => [each[0], each[1]]);
        steps.push([action, parameters]);
        try {
            const answer = await fetch("run", {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ steps }),
            });
            const content = await answer.json();
            if (!answer.ok) throw new Error(content.error ?? answer.statusText);
            show(content, steps.length);
        } catch (error) {
            root.querySelector(".live-error")?.remove();
            const text =
                error instanceof TypeError
                    ? "The server is gone: start 'knell explore' again."
                    : String(error);
            const message = h("div", { class: "live-error", role: "alert" });
            replace(message, text);
            root.prepend(message);
        }
    };

    show(first, first.steps.length);
}
