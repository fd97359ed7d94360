/** What the signs of the diagram mean: those that this run has. */

import { h, s } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./lanes.js").Geometry} Geometry */

const MEANINGS = /** @type {Record<string, string>} */ ({
    active: "active: takes part",
    failing: "failing: its shutdown has begun",
    quiesced: "quiesced: can act no more",
    ended: "ended",
    crashed: "crashed",
    notified: "notified: told that clustering ends",
    gated: "gated: its acts are refused",
    gone: "gone",
});

/** @param {{run: Run, geometry: Geometry}[]} sides */
export function legend(sides) {
    const lanes = sides.flatMap(({ geometry }) => geometry.lanes);
    const geometry = sides[0].geometry;
    const bands = lanes.flatMap((lane) => [lane.bands, ...lane.members.map((member) => member.bands)]);
    const words = [...new Set(bands.flat().map(({ word }) => word))].filter(
        (word) => word && word !== "absent",
    );
    const some = (/** @type {(run: Run, step: number) => unknown} */ holds) =>
        sides.some(({ run }) => {
            for (let step = 1; step <= Math.min(run.last, 500); step += 1) if (holds(run, step)) return true;
            return false;
        });
    const environment = some((run, step) => run.about(step)?.environment);
    const broken = some((run, step) => run.violated(step));
    const primary = lanes.some((lane) => lane.members.some((member) => member.primary.length));
    const cut = lanes.some((lane) => lane.cuts.length);
    const known = sides.some(({ run }) => run.bundle.scene.arrows.some((arrow) => arrow[5] === "known"));
    return [
        words
            .slice(0, 10)
            .map((word) =>
                sign(
                    s("path", { class: `band ${geometry.style(word)}`, "stroke-width": 9, d: "M1 7H17" }),
                    MEANINGS[word] ?? word,
                ),
            ),
        primary
            ? sign(s("path", { class: "primary", d: "M1 7H17" }), "P, outlined: primary of its group")
            : null,
        geometry.lanes.length
            ? sign(s("circle", { class: "mark", cx: 9, cy: 7, r: 5 }), "takes a step")
            : null,
        environment
            ? sign(s("path", { class: "mark env", d: "M9 1l6 6l-6 6l-6 -6z" }), "a fault or an operator does")
            : null,
        broken ? sign(s("circle", { class: "mark bad", cx: 9, cy: 7, r: 5 }), "breaks the property") : null,
        known ? sign(s("path", { class: "arrow", d: "M1 7H17" }), "what one lane sent, another read") : null,
        sides.some(({ run }) => run.bundle.scene.unheard.length)
            ? sign(
                  s("path", { class: "unheard", d: "M1 3L11 9M8 6l6 6m0 -6l-6 6" }),
                  "not received in this run",
              )
            : null,
        cut ? sign(s("path", { class: "cut", d: "M1 7H17" }), "taken for partitioned by a peer") : null,
    ];
}

/** @param {SVGElement} picture @param {string} text */
function sign(picture, text) {
    return h("span", {}, s("svg", { width: 18, height: 14, "aria-hidden": "true" }, picture), text);
}
