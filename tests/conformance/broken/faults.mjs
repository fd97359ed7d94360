/**
 * The implementation in ../peer with a fault planted, to see that the harness finds it:
 * `KNELL_PEER_FAULT=NAME node faults.mjs`.
 */

import { need } from "../peer/node.mjs";
import { ReturningNode } from "../peer/returning.mjs";
import { serve } from "../peer/serve.mjs";

/** Rules of the protocol that are broken: methods put in place of those of the node. */
const RULES = {
    "latch-reopens": {
        latchOpen() {
            return this.in("active", "failing");
        },
    },
    "quiesce-early": {
        membersOut() {
            return !Object.values(this.state.members).some((member) => member.state === "active");
        },
    },
    "no-deadline": {
        force_out() {
            need(false, "waiting for the member");
        },
    },
    "warned-member-reports": {
        mayReport(member) {
            return ["active", "notified"].includes(member.state);
        },
    },
    "gate-ignores-acts": {
        refuseAct() {},
    },
    "acts-after-gate": {
        needAcceptable() {},
    },
    "sentinel-idle": {
        speaks() {
            return this.alive("engine");
        },
    },
    "left-means-released": {
        leave(other) {
            super.leave(other);
            this.release(other, () => true);
        },
    },
    "leave-twice": {
        leaveIsDue() {
            return true;
        },
    },
    "leave-misses-a-group": {
        concerned(group, other) {
            return this.group(group).depends_on.length > 0 && super.concerned(group, other);
        },
    },
    "partitioned-counts-as-failed": {
        leaveIsDue(peer) {
            return peer.view && !peer.partitioned;
        },
    },
    "forged-accepted": {
        isGenuine() {
            return true;
        },
    },
    "silence-is-failure": {
        lose_heartbeats({ i }) {
            this.leave(i);
        },
    },
    "silence-promotes": {
        isOut(group, other) {
            return super.isOut(group, other) || this.peer(other).partitioned;
        },
    },
    "first-only": {
        earlierReleased(group) {
            return this.isOut(group, this.group(group).nodes[0]);
        },
    },
    "order-ignored": {
        dependenciesServed() {
            return true;
        },
    },
    "bounce-unseen": {
        admit(other) {
            for (const older of this.olderThan(other)) {
                Object.assign(this.peer(older), { view: false, barred: true });
            }
            super.admit(other);
        },
    },
    "mark-survives-restart": {
        restart() {
            super.restart();
            this.state.phase = "failing";
        },
    },
    "ghost-admitted": {
        admit(other) {
            this.peer(other).barred = false;
            super.admit(other);
        },
    },
    "admits-alone": {
        commit(args) {
            const { proposal } = this.list(args.g);
            for (const each of proposal?.entries ?? []) proposal.accepted[each] = true;
            super.commit(args);
        },
    },
    "entry-before-commit": {
        restart() {
            super.restart();
            for (const list of Object.values(this.state.lists)) {
                Object.assign(list, { entries: [this.name], isEntry: true });
            }
        },
    },
    "work-to-the-draining": {
        routable(peer) {
            return !peer.released;
        },
    },
};

/** Rules of the adapter protocol that are broken: what is written in place of a reply. */
const LINES = {
    garbage: () => "this is no JSON\n",
    silence: () => "",
    crash: () => process.exit(1),
    "wrong-id": (line) => line.replace(/"id":\d+/, '"id":0'),
    oversized: (line) => `${line.trimEnd()}${" ".repeat(2 ** 20)}\n`,
};

function broken(Sound, methods) {
    Object.setPrototypeOf(methods, Sound.prototype); // what "super" means in them
    class Broken extends Sound {}
    Object.assign(Broken.prototype, methods);
    return Broken;
}

/** How lines are written: as they should be up to the first step. */
function spoilt(spoil) {
    let begun = false;
    return (reply, { cmd }) => {
        begun ||= cmd === "step";
        const line = `${JSON.stringify(reply)}\n`;
        return begun ? spoil(line) : line;
    };
}

/** Does what it should not, and says that it was refused. */
function denying(reply, { action }) {
    const err = { code: 11, definite: true, text: "nothing was done" };
    return `${JSON.stringify(action === "quiesce" ? { id: reply.id, err } : reply)}\n`;
}

const name = process.env.KNELL_PEER_FAULT ?? "";
if (Object.hasOwn(RULES, name)) {
    serve(broken(ReturningNode, RULES[name]));
} else if (name === "denies-what-it-did") {
    serve(broken(ReturningNode, RULES["quiesce-early"]), denying);
} else if (Object.hasOwn(LINES, name)) {
    serve(ReturningNode, spoilt(LINES[name]));
} else {
    console.error(`KNELL_PEER_FAULT: there is no fault ${name}`);
    process.exitCode = 2;
}
