/**
 * A small implementation of the protocol that shares no code with knell.node, as an adapter:
 * `node main.mjs`.
 */

import { ObservingNode } from "./observer.mjs";
import { serve } from "./serve.mjs";

serve(ObservingNode);
