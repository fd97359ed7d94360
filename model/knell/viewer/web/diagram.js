/**
 * The run from top to bottom: one row a step, beside it the lanes of the space-time diagram.
 * Only the rows in sight are drawn, so that a run of ten thousand steps scrolls like one of ten.
 */

import { h, s, replace } from "./dom.js";
import { Geometry, drawLanes } from "./lanes.js";
import { hits } from "./search.js";
import { arrange } from "./order.js";

/** Pixels of a row, and of one that says what its action is. */
const ROW = 34;
const TALKING_ROW = 42;
const SPARE = 12;
const MOST_PRINTED = 2000;

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./store.js").Store} Store */

export class Diagram {
    /**
     * @param {Run} run
     * @param {Store} store
     * @param {{label: string, head: string | null, from: number | null}} options beside another run: `head` tells it from that, and at `from` it leaves it
     */
    constructor(run, store, options) {
        this.run = run;
        this.store = store;
        this.options = options;
        this.narrow = options.head !== null;
        this.talks = Boolean(!this.narrow && run.extras?.actions);
        this.height = this.talks ? TALKING_ROW : ROW;
        this.geometry = new Geometry(run, "", this.narrow);
        this.order = arrange(run, false);
        this.head = h("div", { class: "lanes-head", "aria-hidden": "true" });
        this.graph = s("svg", { class: "graph", "aria-hidden": "true" });
        this.rows = h("div", { class: "rows" });
        this.space = h("div", { class: "space" }, this.graph, this.rows);
        this.list = h(
            "div",
            {
                class: "scroller",
                tabindex: "0",
                role: "listbox",
                "aria-label": options.label,
                onscroll: () => this.later(),
            },
            this.head,
            this.space,
        );
        this.element = this.list;
        this.waiting = false;
        this.printing = false;
        new ResizeObserver(() => this.later()).observe(this.list);
    }

    later() {
        if (this.waiting) return;
        this.waiting = true;
        requestAnimationFrame(() => {
            this.waiting = false;
            this.draw();
        });
    }

    /** Take in what the reader chose. @param {boolean} follow whether to bring the step into sight */
    update(follow) {
        const { folded, regroup } = this.store.chosen;
        if (folded !== this.geometry.folded) this.geometry = new Geometry(this.run, folded, this.narrow);
        if (regroup !== this.order.regrouped) this.order = arrange(this.run, regroup);
        this.space.style.height = `${(this.run.steps + 1) * this.height + 8}px`;
        this.list.style.setProperty("--graph", `${this.geometry.width}px`);
        this.list.style.setProperty("--row", `${this.height}px`);
        this.drawHead();
        const chosen = Math.min(this.store.chosen.step, this.run.steps);
        this.list.setAttribute("aria-activedescendant", this.id(chosen));
        if (follow) this.reveal();
        this.draw();
    }

    /** @param {number} step */
    id(step) {
        return `${(this.options.head ?? this.options.label).replace(/\W+/g, "-")}-${step}`;
    }

    reveal() {
        const top = this.order.row(Math.min(this.store.chosen.step, this.run.steps)) * this.height;
        const height = this.list.clientHeight - this.head.offsetHeight;
        if (top < this.list.scrollTop + this.height) this.list.scrollTop = Math.max(0, top - 2 * this.height);
        else if (top > this.list.scrollTop + height - 2 * this.height) this.list.scrollTop = top - height + 3 * this.height;
    }

    drawHead() {
        replace(
            this.head,
            h("span", { class: "head-number" }, "step"),
            h(
                "span",
                { class: "head-lanes" },
                this.geometry.lanes.map((lane) => this.laneHead(lane)),
            ),
            h(
                "span",
                { class: "head-action", title: this.options.label },
                this.options.head ?? "what happens",
            ),
        );
        this.head.querySelectorAll("[data-x]").forEach((each) => {
            /** @type {HTMLElement} */ (each).style.left = `${each.getAttribute("data-x")}px`;
        });
    }

    /** @param {import("./lanes.js").Placed} lane */
    laneHead(lane) {
        const fold = lane.lane.members.length
            ? h(
                  "button",
                  {
                      class: "lane-fold",
                      title: "show or hide the members",
                      onclick: () => this.fold(lane.lane.name),
                  },
                  lane.members.length ? "−" : "+",
              )
            : null;
        return [
            h("span", { class: "lane-name", "data-x": lane.x - 7 }, h("b", {}, lane.lane.name), fold),
            lane.members.map((member) =>
                h("span", { class: "member-name", "data-x": member.x - 8 }, member.name),
            ),
        ];
    }

    /** @param {string} name */
    fold(name) {
        const folded = new Set(this.store.chosen.folded.split(",").filter(Boolean));
        if (!folded.delete(name)) folded.add(name);
        this.store.set({ folded: [...folded].join(",") });
    }

    /** The rows in sight. */
    range() {
        if (this.printing) return { first: 0, last: Math.min(this.run.steps, MOST_PRINTED) };
        const top = Math.max(0, this.list.scrollTop);
        const first = Math.max(0, Math.floor(top / this.height) - SPARE);
        const last = Math.min(this.run.steps, Math.ceil((top + this.list.clientHeight) / this.height) + SPARE);
        return { first, last };
    }

    draw() {
        const { first, last } = this.range();
        const rows = [];
        for (let row = first; row <= last; row += 1) rows.push(this.row(row, this.order.step(row)));
        this.rows.style.transform = `translateY(${first * this.height}px)`;
        replace(this.rows, rows);
        this.graph.style.transform = `translateY(${first * this.height}px)`;
        this.graph.setAttribute("width", String(this.geometry.width));
        this.graph.setAttribute("height", String((last - first + 1) * this.height));
        this.graph.setAttribute(
            "viewBox",
            `0 ${first * this.height} ${this.geometry.width} ${(last - first + 1) * this.height}`,
        );
        replace(
            this.graph,
            drawLanes(this.run, this.geometry, this.order, {
                first,
                last,
                row: this.height,
                step: this.store.chosen.step,
                past: this.past(),
            }),
        );
    }

    /** What the chosen step builds on, if the rest is to be dimmed. */
    past() {
        const { causes, step } = this.store.chosen;
        return causes ? this.order.past(Math.min(step, this.run.steps)) : null;
    }

    /**
     * @param {number} row
     * @param {number} step
     */
    row(row, step) {
        const { run, store } = this;
        const about = run.about(step);
        const chosen = store.chosen.step === step;
        const past = this.past();
        const says = this.talks && about?.about;
        const classes = [
            "row",
            chosen && "chosen",
            run.violated(step) && "bad",
            about?.environment && "environment",
            store.chosen.query && hits(run, step, store.chosen.query) && "hit",
            past && !past.has(step) && "unrelated",
            this.options.from !== null && step >= this.options.from && "parted",
            run.bundle.loop !== null && step > run.bundle.loop && "in-loop",
        ].filter(Boolean);
        return h(
            "div",
            {
                class: classes.join(" "),
                role: "option",
                id: this.id(step),
                "aria-selected": chosen ? "true" : "false",
                "aria-posinset": row + 1,
                "aria-setsize": run.steps + 1,
                "data-step": step,
                title: about?.about || null,
                onclick: () => store.set({ step }),
            },
            h("span", { class: "number" }, step),
            h("span", { class: "graph-room" }),
            h(
                "span",
                { class: "action" },
                h(
                    "span",
                    { class: "call-line" },
                    this.title(step),
                    says ? null : this.marks(step, about),
                    this.flags(step, about),
                ),
                says
                    ? h(
                          "span",
                          { class: "said-line" },
                          this.marks(step, about),
                          h("span", { class: "said" }, about.about),
                      )
                    : null,
            ),
        );
    }

    /** @param {number} step */
    title(step) {
        const { run } = this;
        if (step === 0) return h("span", { class: "start" }, run.beginning);
        const parameters = Object.entries(run.parameters(step));
        return [
            h("b", {}, run.action(step) ?? "a step without a name"),
            parameters.length
                ? h(
                      "span",
                      { class: "parameters", title: run.call(step) },
                      parameters
                          .map(([name, value], i) => [
                              i ? h("i", {}, ", ") : null,
                              h("i", {}, `${name}=`),
                              value,
                          ])
                          .flat(),
                  )
                : null,
        ].flat();
    }

    /** Who took the step, if not the system, and what a loop does here. @param {number} step @param {any} about */
    marks(step, about) {
        const { run } = this;
        const { loop } = run.bundle;
        const still = loop !== null && !run.bundle.closing && step === run.last;
        const texts = [
            loop === step && !still && "loop starts",
            step > run.last && `↺ back to ${loop}`,
            still && "↺ stays so for ever",
        ].filter(Boolean);
        return [
            about?.environment
                ? h(
                      "span",
                      { class: "flag env", title: "done by the environment: a fault, a loss, an operator" },
                      "environment",
                  )
                : null,
            texts.map((text) => h("span", { class: "flag loop" }, text)),
        ].flat();
    }

    /** The section of the rule, and what the step breaks. @param {number} step @param {any} about */
    flags(step, about) {
        const { run } = this;
        const section = about?.section;
        return [
            run.violated(step) ? h("span", { class: "flag bad" }, `✗ ${run.violated(step)}`) : null,
            section
                ? h("span", { class: "flag section" }, section.startsWith("§") ? section : `§${section}`)
                : null,
        ];
    }
}
