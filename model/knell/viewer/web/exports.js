/** The run in other forms: Markdown for a report, sequence diagrams, the picture alone. */

import { s } from "./dom.js";
import { Geometry, drawLanes } from "./lanes.js";
import { arrange } from "./order.js";
import { sentence, verdictOf } from "./headline.js";

/** @typedef {import("./run.js").Run} Run */

/** What a step changes, in words. @param {Run} run @param {number} step @returns {string[]} */
export function changesOf(run, step) {
    if (step === 0 || step > run.last) return [];
    const changes = run.bundle.steps[step - 1][2];
    const lines = [];
    for (let i = 0; i < changes.length; i += 2) {
        const cell = changes[i];
        const [kind, text] = changes[i + 1] < 0 ? [null, "absent"] : run.bundle.values[changes[i + 1]];
        if (kind === "c") continue;
        const old = run.text(cell, step - 1);
        if (kind === "b" && run.parents[cell] >= 0)
            lines.push(`${text === "true" ? "+" : "-"} ${run.name(cell)}`);
        else if (kind === "e") lines.push(`+ ${run.name(cell)}`);
        else lines.push(`${run.name(cell)}: ${old ?? "absent"} → ${text}`);
    }
    return lines;
}

/** @param {string} text */
function cell(text) {
    return text.replace(/[\\`*_{}[\]<>()#+!|~]/g, "\\$&").replace(/\s+/g, " ");
}

/** @param {string} text */
function code(text) {
    return `\`${text.replace(/`/g, "'").replace(/\|/g, "\\|").replace(/\s+/g, " ")}\``;
}

/** @param {Run} run */
export function markdown(run) {
    const verdict = verdictOf(run);
    const about = run.extras?.properties?.[run.meta.property ?? ""]?.about;
    const config = Object.entries(run.meta.config ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join(" ");
    const lines = [
        `## ${cell(verdict.text)}`,
        "",
        ...(about ? [`> ${cell(about)}`, ""] : []),
        cell(sentence(run)),
        "",
    ];
    if (run.meta.model)
        lines.push(
            `Model ${code(String(run.meta.model))}${run.meta.mutant ? `, mutant ${code(run.meta.mutant)}` : ""}${config ? `, ${code(config)}` : ""}`,
            "",
        );
    lines.push("| step | action | changes |", "| --- | --- | --- |");
    for (let step = 0; step <= run.steps; step += 1) {
        const changes = changesOf(run, step).map(code).join("<br>");
        lines.push(
            `| ${step} | ${step ? code(run.call(step)) : "start"} | ${step > run.last ? `back to ${run.bundle.loop}` : changes} |`,
        );
    }
    return `${lines.join("\n")}\n`;
}

/** Names that both diagram languages take, by lane. @param {Run} run */
function lanesOf(run) {
    return run.bundle.scene.lanes.map((lane, index) => ({
        id: `L${index}`,
        name: lane.name.replace(/["\r\n;#]/g, " "),
    }));
}

/** @param {Run} run @param {(from: string, to: string, text: string, lost: boolean) => string} arrow @param {(at: string, text: string) => string} note */
function sequence(run, arrow, note) {
    const lanes = lanesOf(run);
    const lines = [];
    for (let step = 1; step <= run.steps; step += 1) {
        const [taker, ...others] = run.takers(step).filter((lane) => lanes[lane]);
        const text = `${step} ${run.call(step)}`.replace(/[;#\r\n]/g, " ");
        if (taker === undefined) {
            if (lanes.length)
                lines.push(
                    note(
                        lanes.length > 1 ? `${lanes[0].id},${lanes[lanes.length - 1].id}` : lanes[0].id,
                        text,
                    ),
                );
            continue;
        }
        const arrows = run.bundle.scene.arrows.filter(
            (each) => each[1] === step && lanes[each[2]] && lanes[each[3]],
        );
        for (const each of arrows)
            lines.push(arrow(lanes[each[2]].id, lanes[each[3]].id, `${each[4]} (step ${each[0]})`, false));
        const lost = run.about(step)?.environment && others.length;
        lines.push(
            lost ? arrow(lanes[others[0]].id, lanes[taker].id, text, true) : note(lanes[taker].id, text),
        );
    }
    return lines;
}

/** @param {Run} run */
export function mermaid(run) {
    const lanes = lanesOf(run);
    if (!lanes.length) lanes.push({ id: "L0", name: "run" });
    return [
        "sequenceDiagram",
        ...lanes.map(({ id, name }) => `    participant ${id} as ${name}`),
        ...sequence(
            run,
            (from, to, text, lost) => `    ${from}${lost ? "-x" : "->>"}${to}: ${text}`,
            (at, text) => `    Note over ${at}: ${text}`,
        ),
        "",
    ].join("\n");
}

/** @param {Run} run */
export function plantuml(run) {
    const lanes = lanesOf(run);
    return [
        "@startuml",
        ...lanes.map(({ id, name }) => `participant "${name}" as ${id}`),
        ...sequence(
            run,
            (from, to, text, lost) => `${from} ->${lost ? "x" : ""} ${to}: ${text}`,
            (at, text) => `rnote over ${at}: ${text}`,
        ),
        "@enduml",
        "",
    ].join("\n");
}

/** The diagram as a picture of its own, with the styles in force. @param {Run} run @param {string} folded */
export function picture(run, folded) {
    const geometry = new Geometry(run, folded);
    const row = 34;
    const last = Math.min(run.steps, 500);
    const top = 30;
    const room = Math.max(...Array.from({ length: last + 1 }, (_, step) => run.call(step).length)) * 7 + 60;
    const [width, height] = [geometry.width + room, (last + 1) * row + top];
    const body = s(
        "g",
        { transform: `translate(0 ${top})` },
        drawLanes(run, geometry, arrange(run, false), { first: 0, last, row, step: -1 }),
    );
    const image = s(
        "svg",
        {
            xmlns: "http://www.w3.org/2000/svg",
            width,
            height,
            viewBox: `0 0 ${width} ${height}`,
            class: "graph",
        },
        s("rect", { class: "paper", width, height }),
        geometry.lanes.map((lane) =>
            s("text", { class: "lane-title", x: lane.x - 7, y: 18 }, lane.lane.name),
        ),
        body,
        Array.from({ length: last + 1 }, (_, step) =>
            s(
                "text",
                { class: "call", x: geometry.width + 12, y: top + step * row + row / 2 + 4 },
                step ? `${step}  ${run.call(step)}` : "start",
            ),
        ),
    );
    document.body.append(image);
    const names = [
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "font-family",
        "font-size",
        "font-weight",
        "opacity",
    ];
    for (const each of image.querySelectorAll("*")) {
        const style = getComputedStyle(each);
        for (const name of names)
            if (style.getPropertyValue(name)) each.setAttribute(name, style.getPropertyValue(name));
        each.removeAttribute("class");
    }
    image.remove();
    return new XMLSerializer().serializeToString(image);
}
