package org.datdot.node;

import org.datdot.hosting.SponsorProgress;

/** What a sponsor's progress looks like to a person. */
final class SetupLines {
    private SetupLines() {}

    static String text(SponsorProgress progress) {
        return switch (progress) {
            case SponsorProgress.FeedKnown feed ->
                "feed " + feed.key() + " is on the ledger with " + feed.lengthBlocks() + " blocks";
            case SponsorProgress.PlanKnown plan ->
                "plan " + plan.plan() + (plan.resumed() ? " goes on" : " is published") + ", " + plan.contracts()
                        + (plan.contracts() == 1 ? " contract" : " contracts");
            case SponsorProgress.PositionChanged one ->
                switch (one.status()) {
                    case VACANT ->
                        "contract " + one.contract() + ", position " + one.position() + ": vacant, will be drawn again";
                    case SETUP ->
                        "contract " + one.contract() + ", position " + one.position() + ": encoder " + one.encoder()
                                + " and hoster " + one.hoster() + " drawn";
                    case ACTIVE ->
                        "contract " + one.contract() + ", position " + one.position() + ": stored and served by hoster "
                                + one.hoster();
                };
            case SponsorProgress.ContractHosted contract ->
                "contract " + contract.contract() + " is hosted (" + contract.hostedContracts() + " of "
                        + contract.contracts() + ")";
            case SponsorProgress.PlanHosted plan -> "plan " + plan.plan() + ": hosted";
        };
    }
}
