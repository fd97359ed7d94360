/** The failing node (PROTOCOL.md §7.2-§7.17), from detection to the end, and acts (§4.5). */

import { blank, need, Node } from "./node.mjs";

export class FailingNode extends Node {
    detect_by_cc({ c }) {
        need(this.alive("cc") && this.alive("engine"), "CC or engine is dead");
        this.needOpenLatch();
        this.closeLatch(c);
    }

    detect_by_member({ g, c }) {
        const member = this.member(g);
        need(this.in("active", "failing"), "clustering has ended");
        need(this.mayReport(member), "the member is not active");
        need(member.reported.length === 0, "it has reported already");
        member.reported.push(c);
        this.emit("report", { group: g, cause: c });
    }

    mayReport(member) {
        return member.state === "active";
    }

    report_reaches_cc({ g, c }) {
        need(this.member(g).reported.includes(c), "no such report");
        need(this.alive("cc") && this.alive("engine"), "CC or engine is dead");
        need(this.in("active", "failing"), "clustering has ended");
        if (this.latchOpen()) {
            this.member(g).reporter = true;
            this.closeLatch(c);
        }
    }

    initiate_by_engine({ c }) {
        need(this.alive("engine") && !this.alive(c), `the engine is dead, or ${c} lives`);
        this.needOpenLatch();
        this.closeLatch(c);
    }

    initiate_by_sentinel() {
        need(!this.alive("engine") && this.alive("sentinel"), "the sentinel has nothing to say");
        this.needOpenLatch();
        this.closeLatch("engine");
    }

    latchOpen() {
        return this.in("active");
    }

    needOpenLatch() {
        need(this.latchOpen(), "the latch is closed");
    }

    /** §7.5: latch and DISTRESS in one step. */
    closeLatch(cause) {
        this.state.phase = "failing";
        this.send("DISTRESS", { cause });
    }

    notify_member({ g }) {
        this.needShutdown("failing");
        const member = this.member(g);
        need(member.state === "active" && !member.reporter, "the member is not to be warned");
        member.state = "notified";
        member.warned = true;
        this.emit("tell", { group: g, news: "clustering_ending" });
    }

    member_acknowledges({ g }) {
        this.cutOff(this.dueMember(g));
    }

    force_out({ g }) {
        this.cutOff(this.dueMember(g));
        this.emit("kill", { group: g });
    }

    reap_gated({ g }) {
        this.needShutdown("failing", "quiesced");
        need(this.member(g).state === "gated", "the member is not gated");
        this.reap(this.member(g));
        this.send("MEMBER_GONE", { group: g });
    }

    needShutdown(...phases) {
        need(this.in(...phases), `no such step while ${this.state.phase}`);
        need(this.speaks(), "engine and sentinel are dead");
    }

    /** The member, if it knows that clustering ends: it was warned, or it is the reporter. */
    dueMember(g) {
        this.needShutdown("failing");
        const member = this.member(g);
        const knows = member.state === "notified" || (member.state === "active" && member.reporter);
        need(knows, "the member was not warned, or is out");
        return member;
    }

    cutOff(member) {
        member.state = "gated";
        this.refuseAct(member);
    }

    reap(member) {
        member.state = "gone";
        member.primary = false;
        this.refuseAct(member);
    }

    /** §4.5: what a member that is out has under way is refused. */
    refuseAct(member) {
        member.acting = false;
    }

    quiesce() {
        this.needShutdown("failing");
        need(this.membersOut(), "members are not out");
        this.state.phase = "quiesced";
        this.send("QUIESCED", { gated: [] });
    }

    membersOut() {
        return Object.values(this.state.members).every((member) => member.state === "gone");
    }

    end_clustering() {
        this.needShutdown("quiesced");
        this.forget("ended");
    }

    component_dies({ c }) {
        this.state.dead[c] = true;
        if (!this.alive("engine") && !this.alive("sentinel")) this.daemon_dies();
    }

    node_crashes() {
        this.daemon_dies();
        for (const member of Object.values(this.state.members)) this.reap(member);
    }

    daemon_dies() {
        this.forget("crashed");
    }

    orphan_ends({ g }) {
        this.reap(this.member(g));
    }

    /** The memory of an epoch that is over is gone. */
    forget(phase) {
        this.state.phase = phase;
        for (const member of Object.values(this.state.members)) Object.assign(member, blank());
        const { dead, peers, entries } = this.state;
        for (const list of Object.values(this.state.lists)) delete list.proposal;
        for (const records of [{ dead }, peers, ...Object.values(entries)]) {
            for (const record of Object.values(records)) {
                for (const key of Object.keys(record)) record[key] = false;
            }
        }
    }

    act({ g }) {
        this.needAcceptable(g);
        this.emit("act", { group: g });
    }

    begin_act({ g }) {
        this.needAcceptable(g);
        const member = this.member(g);
        need(member.primary, "the member is not primary");
        need(!member.acting, "an act is under way");
        member.acting = true;
        this.emit("act", { group: g });
    }

    finish_act({ g }) {
        need(this.member(g).acting, "no act is under way");
        this.member(g).acting = false;
        this.emit("act", { group: g });
    }

    needAcceptable(g) {
        need(this.gateOpen(), "the gate is closed");
        need(["active", "notified"].includes(this.member(g).state), "the member is out");
    }

    gateOpen() {
        return this.in("active", "failing") && this.alive("engine");
    }
}
