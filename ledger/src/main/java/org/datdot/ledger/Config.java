package org.datdot.ledger;

import org.datdot.crypto.Hash;

/**
 * What the pallet is given by the chain it lives in.
 *
 * @param parameters the numbers
 * @param treeHeads checks signatures of hypercores
 * @param genesis names the network inside signed statements
 */
public record Config(Parameters parameters, TreeHeadVerifier treeHeads, Hash genesis) {}
