/** The lanes: where each stands, and what is drawn on it. */

import { s } from "./dom.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./run.js").Lane} Lane */
/** @typedef {import("./run.js").Band} Band */
/** @typedef {{name: string, x: number, bands: Band[], primary: [number, number][]}} PlacedMember */
/** @typedef {{from: number, to: number, groups: string[]}} Lead groups of which a node holds the primary */
/** @typedef {{lane: Lane, index: number, x: number, bands: Band[], members: PlacedMember[], leads: Lead[], cuts: {by: string, spans: [number, number][]}[]}} Placed */
/** @typedef {{first: number, last: number, row: number, step: number, past?: Set<number> | null}} View */

/** Pixels from lane to lane, and where two runs share the width. */
const WIDTH = 86;
const NARROW = 70;
const MEMBER = 22;
const NARROW_MEMBER = 15;
const WORDS = [
    "absent",
    "active",
    "failing",
    "quiesced",
    "ended",
    "crashed",
    "notified",
    "gated",
    "gone",
    "true",
    "false",
];

export class Geometry {
    /** @param {Run} run @param {string} folded @param {boolean} [narrow] */
    constructor(run, folded, narrow = false) {
        const [width, step] = narrow ? [NARROW, NARROW_MEMBER] : [WIDTH, MEMBER];
        this.run = run;
        this.folded = folded;
        const names = new Set(folded.split(",").filter(Boolean));
        /** @type {Placed[]} */
        this.lanes = [];
        /** @type {Map<number, Placed>} */
        this.byIndex = new Map();
        let x = 16;
        run.bundle.scene.lanes.forEach((lane, index) => {
            if (names.has(`-${lane.name}`)) return;
            const members = names.has(lane.name)
                ? []
                : lane.members.map(([name, cells, roles], k) => ({
                      name,
                      x: x + width - 12 + k * step,
                      bands: run.bands(cells, lane.epochs),
                      primary: roles.flatMap((cell) => (cell === null ? [] : spans(run, cell))),
                  }));
            const cuts = lane.cut
                .map(([by, cell]) => ({ by, spans: spans(run, cell) }))
                .filter((cut) => cut.spans.length);
            const leads = members.length ? [] : leadsOf(run, lane);
            const bands = run.bands(lane.state, lane.epochs);
            const placed = { lane, index, x, bands, members, leads, cuts };
            this.lanes.push(placed);
            this.byIndex.set(index, placed);
            x += width + members.length * step;
        });
        this.words = [...new Set(this.lanes.flatMap((lane) => lane.bands.map((band) => band.word)))].filter(
            (word) => !WORDS.includes(word),
        );
        this.width = Math.max(28, x - (narrow ? 6 : 12));
    }

    /** @param {string} word */
    style(word) {
        if (!word) return "w-plain";
        return WORDS.includes(word) ? `w-${word}` : `p-${this.words.indexOf(word) % 6}`;
    }
}

/**
 * Of which groups a node holds the primary, from step to step: for a lane whose members are hidden.
 * @param {Run} run
 * @param {Lane} lane
 * @returns {Lead[]}
 */
function leadsOf(run, lane) {
    const held = lane.members.flatMap(([group, , roles]) =>
        roles.flatMap((cell) => (cell === null ? [] : spans(run, cell))).map(([from, to]) => ({ group, from, to })),
    );
    const points = [...new Set(held.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
    return points.slice(0, -1).flatMap((from, i) => {
        const groups = held.filter((each) => each.from <= from && from < each.to).map(({ group }) => group);
        return groups.length ? [{ from, to: points[i + 1], groups }] : [];
    });
}

/**
 * The steps between which a cell holds `true`; one that does to the end, beyond the last step.
 * @param {Run} run
 * @param {number} cell
 * @returns {[number, number][]}
 */
function spans(run, cell) {
    /** @type {[number, number][]} */
    const found = [];
    run.when[cell].forEach((step, i) => {
        if (run.text(cell, step) === "true") found.push([step, run.when[cell][i + 1] ?? run.last + 1]);
    });
    return found;
}

/**
 * Everything on the lanes that is in sight.
 * @param {Run} run
 * @param {Geometry} geometry
 * @param {import("./order.js").Order} order
 * @param {View} view
 */
export function drawLanes(run, geometry, order, view) {
    const y = (/** @type {number} */ step) => order.row(step) * view.row + view.row / 2;
    const bottom = (run.last + 1) * view.row;
    const top = view.first * view.row;
    const end = (view.last + 1) * view.row;
    const parts = [];
    for (const lane of geometry.lanes) {
        for (const lead of lane.leads) parts.push(...leadOf(lane, lead, y, lead.to > run.last ? bottom : y(lead.to)));
        parts.push(...bandsOf(geometry, lane.bands, lane.x, 9, y, bottom, top, end, order.regrouped));
        for (const member of lane.members) {
            for (const [from, to] of member.primary)
                parts.push(...primaryOf(member, y(from), to > run.last ? bottom : y(to), top));
            parts.push(...bandsOf(geometry, member.bands, member.x, 4, y, bottom, top, end, order.regrouped));
        }
        for (const cut of lane.cuts) {
            for (const [from, to] of cut.spans) {
                parts.push(
                    s(
                        "path",
                        { class: "cut", d: `M${lane.x - 9} ${y(from)}V${to > run.last ? bottom : y(to)}` },
                        s("title", {}, `${cut.by} takes ${lane.lane.name} for partitioned`),
                    ),
                );
            }
        }
    }
    parts.push(...loopOf(run, geometry, y));
    parts.push(...unheardOf(run, geometry, order, view, y));
    parts.push(...arrowsOf(run, geometry, order, view, y));
    for (let row = view.first; row <= view.last; row += 1)
        parts.push(...marksOf(run, geometry, order.step(row), y, view));
    for (const lane of geometry.lanes) parts.push(...wordsOf(lane, y, top, end));
    return parts;
}

/**
 * @param {Geometry} geometry
 * @param {Band[]} bands
 * @param {number} x
 * @param {number} width
 * @param {(step: number) => number} y
 * @param {number} bottom
 * @param {number} top
 * @param {number} end
 * @param {boolean} regrouped
 */
function bandsOf(geometry, bands, x, width, y, bottom, top, end, regrouped) {
    const last = bands.length - 1;
    return bands.flatMap((band, i) => {
        const from = y(band.from);
        const to = i === last ? bottom : y(band.to);
        if (!regrouped && (to < top || from > end)) return [];
        return [
            s(
                "path",
                {
                    class: `band ${geometry.style(band.word)}`,
                    "stroke-width": width,
                    d: `M${x} ${from}V${Math.max(from + 1, to)}`,
                },
                s("title", {}, band.word),
            ),
        ];
    });
}

/** While a member is the primary of its group, its lane has an outline, and a P where that begins. @param {PlacedMember} member @param {number} from @param {number} to @param {number} top */
function primaryOf(member, from, to, top) {
    return [
        s(
            "path",
            { class: "primary", d: `M${member.x} ${from}V${to}` },
            s("title", {}, `primary of ${member.name}`),
        ),
        s("text", { class: "primary-letter", x: member.x + 6, y: Math.max(from, top) + 4 }, "P"),
    ];
}

/** The same on a node's lane whose members are hidden: of which groups it holds the primary. @param {Placed} lane @param {Lead} lead @param {(step: number) => number} y @param {number} to */
function leadOf(lane, { from, groups }, y, to) {
    const taken = from > 0 && lane.bands.some((band) => band.from === from);
    return [
        s(
            "path",
            { class: "primary node", d: `M${lane.x} ${y(from)}V${to}` },
            s("title", {}, `primary of ${groups.join(", ")}`),
        ),
        s(
            "text",
            { class: "primary-letter", x: lane.x + 11, y: y(from) + (taken ? 15 : 4) },
            `P ${groups.join(" ")}`,
        ),
    ];
}

/** @param {Placed} lane @param {(step: number) => number} y @param {number} top @param {number} end */
function wordsOf(lane, y, top, end) {
    return lane.bands.flatMap((band, i) => {
        const at = y(band.from);
        if (at < top || at > end) return [];
        const words = [];
        if (band.fresh) words.push(`epoch ${band.epoch}`);
        if (i > 0) words.push(band.word);
        if (!words.length) return [];
        return [
            s(
                "text",
                { class: `word ${band.fresh ? "fresh" : ""}`, x: lane.x + 11, y: at + 4 },
                words.join(": "),
            ),
        ];
    });
}

/** @param {Run} run @param {Geometry} geometry @param {(step: number) => number} y */
function loopOf(run, geometry, y) {
    const { loop } = run.bundle;
    if (loop === null) return [];
    const x = 3;
    return [
        s("path", { class: "loop", d: `M${x + 5} ${y(run.steps)}H${x}V${y(loop)}H${x + 5}` }),
        s("path", { class: "loop-head", d: `M${x + 3} ${y(loop) - 4}l5 4l-5 4z` }),
    ];
}

/**
 * @param {Run} run
 * @param {Geometry} geometry
 * @param {import("./order.js").Order} order
 * @param {View} view
 * @param {(step: number) => number} y
 */
function arrowsOf(run, geometry, order, view, y) {
    const parts = [];
    const seen = new Set();
    for (const [from, to, source, target, label, kind] of run.bundle.scene.arrows) {
        const a = geometry.byIndex.get(source);
        const b = geometry.byIndex.get(target);
        if (
            !a ||
            !b ||
            Math.max(order.row(from), order.row(to)) < view.first ||
            Math.min(order.row(from), order.row(to)) > view.last
        )
            continue;
        const side = b.x > a.x ? 1 : -1;
        const [x1, y1, x2, y2] = [a.x + 6 * side, y(from), b.x - 9 * side, y(to)];
        const near = view.step === to || view.step === from ? "lit" : "";
        const lit = view.past && !(view.past.has(from) && view.past.has(to)) ? "unrelated" : near;
        parts.push(
            s(
                "path",
                { class: `arrow ${kind} ${lit}`, d: `M${x1} ${y1}L${x2} ${y2}` },
                s("title", {}, `${label}: step ${from} → step ${to}`),
            ),
        );
        parts.push(head(x1, y1, x2, y2, `arrow-head ${lit}`));
        if (!seen.has(`${to}-${target}`)) {
            seen.add(`${to}-${target}`);
            parts.push(s("text", { class: `label ${lit}`, x: b.x + 11, y: y2 + 15 }, label));
        }
    }
    return parts;
}

/**
 * Messages that some lane never gets in this run: a short line towards it that ends in a cross.
 * @param {Run} run
 * @param {Geometry} geometry
 * @param {import("./order.js").Order} order
 * @param {View} view
 * @param {(step: number) => number} y
 */
function unheardOf(run, geometry, order, view, y) {
    const { arrows, unheard } = run.bundle.scene;
    const read = new Set(arrows.map(([from, , , , label]) => `${from} ${label}`));
    return unheard.flatMap(([step, source, target, label]) => {
        const a = geometry.byIndex.get(source);
        const b = geometry.byIndex.get(target);
        if (!a || !b || order.row(step) < view.first || order.row(step) > view.last) return [];
        const side = b.x > a.x ? 1 : -1;
        const [x, top] = [a.x + side * 26, y(step) + 13];
        const text = `${label}: not received by ${b.lane.name} in this run`;
        const named = read.has(`${step} ${label}`);
        read.add(`${step} ${label}`); // the name stands once
        return [
            s("path", { class: "unheard", d: `M${a.x + side * 6} ${y(step) + 4}L${x} ${top}` }),
            s(
                "path",
                { class: "unheard cross", d: `M${x - 3} ${top - 3}l6 6m0 -6l-6 6` },
                s("title", {}, text),
            ),
            named ? [] : s("text", { class: "label", x: x + 6, y: top + 4 }, label),
        ].flat();
    });
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} name */
function head(x1, y1, x2, y2, name) {
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const point = (/** @type {number} */ turn) =>
        `${(x2 - 8 * Math.cos(angle + turn)).toFixed(1)} ${(y2 - 8 * Math.sin(angle + turn)).toFixed(1)}`;
    return s("path", { class: name, d: `M${x2} ${y2}L${point(0.4)}L${point(-0.4)}Z` });
}

/**
 * The mark of a step on its lane; a loss points from who was not heard to who did not hear.
 * @param {Run} run
 * @param {Geometry} geometry
 * @param {number} step
 * @param {(step: number) => number} y
 * @param {View} view
 */
function marksOf(run, geometry, step, y, view) {
    const [taker, ...others] = run.takers(step);
    const lane = taker === undefined ? undefined : geometry.byIndex.get(taker);
    if (!lane) return [];
    const about = run.about(step);
    const band = lane.bands.find((each) => each.from === step);
    const at = y(step);
    const title = s("title", {}, run.call(step));
    const dim = view.past && !view.past.has(step) ? "unrelated" : "";
    const classes = [
        "mark",
        about?.environment ? "env" : "",
        run.violated(step) ? "bad" : "",
        step === view.step ? "chosen" : "",
        dim,
    ].join(" ");
    const parts = [];
    const other = others.length ? geometry.byIndex.get(others[0]) : undefined;
    if (about?.environment && other) {
        const middle = (lane.x + other.x) / 2;
        parts.push(
            s("path", { class: `lost ${dim}`, d: `M${other.x} ${at}H${middle}` }),
            s("path", { class: `cross ${dim}`, d: `M${middle - 4} ${at - 4}l8 8m0 -8l-8 8` }),
        );
    }
    if (band?.word === "crashed")
        parts.push(s("path", { class: `crash ${dim}`, d: `M${lane.x - 7} ${at - 7}l14 14m0 -14l-14 14` }, title));
    else if (band?.fresh)
        parts.push(s("path", { class: `rise ${dim}`, d: `M${lane.x - 8} ${at + 5}l8 -12l8 12z` }, title));
    else if (about?.environment)
        parts.push(s("path", { class: classes, d: `M${lane.x} ${at - 7}l7 7l-7 7l-7 -7z` }, title));
    else parts.push(s("circle", { class: classes, cx: lane.x, cy: at, r: 6 }, title));
    return parts;
}
