/** What the signs of the diagram mean: those that this run has. */

import { h, s } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./lanes.js").Geometry} Geometry */

const MEANINGS = /** @type {Record<string, string>} */ ({
    active: "active: takes part",
    absent: "not there",
    failing: "failing: its shutdown has begun",
    quiesced: "quiesced: can act no more",
    ended: "ended",
    crashed: "crashed",
    notified: "notified: a member that was told",
    gated: "gated: a member whose acts are refused",
    gone: "gone",
});

/** The words whose lanes have the colour of another word. */
const SAME = /** @type {Record<string, string>} */ ({ notified: "failing", gated: "quiesced", gone: "ended" });

/** @param {{run: Run, geometry: Geometry}[]} sides @param {number | null} from the step at which two runs part */
export function legend(sides, from) {
    const lanes = sides.flatMap(({ geometry }) => geometry.lanes);
    const geometry = sides[0].geometry;
    const bands = lanes.flatMap((lane) => [lane.bands, ...lane.members.map((member) => member.bands)]);
    /** @type {Map<string, Set<string>>} */
    const colors = new Map();
    for (const { word } of bands.flat()) {
        const color = SAME[word] ?? word;
        if (word) colors.set(color, (colors.get(color) ?? new Set()).add(word));
    }
    const some = (/** @type {(run: Run, step: number) => unknown} */ holds) =>
        sides.some(({ run }) => {
            for (let step = 1; step <= Math.min(run.last, 500); step += 1) if (holds(run, step)) return true;
            return false;
        });
    const environment = some((run, step) => run.about(step)?.environment);
    const broken = some((run, step) => run.violated(step));
    const primary = lanes.some(
        (lane) => lane.leads.length || lane.members.some((member) => member.primary.length),
    );
    const cut = lanes.some((lane) => lane.cuts.length);
    const known = sides.some(({ run }) => run.bundle.scene.arrows.some((arrow) => arrow[5] === "known"));
    return [
        [...colors]
            .slice(0, 10)
            .map(([color, words]) =>
                sign(
                    s("path", { class: `band ${geometry.style(color)}`, "stroke-width": 9, d: "M1 7H17" }),
                    [...words].map((word) => MEANINGS[word] ?? word).join("; "),
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
        sides.some(({ run }) => run.bundle.loop !== null)
            ? sign(s("path", { class: "loop", d: "M14 12H4V3H14M10 0l4 3l-4 3" }), "↺ from here on for ever")
            : null,
        from === null
            ? null
            : sign(s("rect", { class: "tint", width: 18, height: 14 }), "from here on the runs differ"),
    ];
}

/** @param {SVGElement} picture @param {string} text */
function sign(picture, text) {
    return h("span", {}, s("svg", { width: 18, height: 14, "aria-hidden": "true" }, picture), text);
}
