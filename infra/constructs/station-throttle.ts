import { CfnCondition, Fn, Stack, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { REGIONS_OF_LOW_RATE, STATION_THROTTLE, STATION_THROTTLE_OF_LOW_RATE } from "../limits.ts";
import type { Throttle } from "../settings.ts";

/** Fn::Or takes ten conditions at most. */
const AT_ONCE = 10;

/**
 * The stations' throttle where no other one is set: below the account's rate in each region. CloudFormation decides
 * when it deploys, so that the template is the same everywhere.
 */
export function defaultStationThrottle(scope: Construct): Throttle {
  const { region } = Stack.of(scope);
  const isOneOf = (regions: readonly string[]) =>
    Fn.conditionOr(...regions.map((one) => Fn.conditionEquals(region, one)));
  const condition = new CfnCondition(scope, "InRegionOfLowRate", {
    expression: Fn.conditionOr(
      isOneOf(REGIONS_OF_LOW_RATE.slice(0, AT_ONCE)),
      isOneOf(REGIONS_OF_LOW_RATE.slice(AT_ONCE)),
    ),
  });
  const choose = (member: keyof Throttle) =>
    Token.asNumber(
      Fn.conditionIf(condition.logicalId, STATION_THROTTLE_OF_LOW_RATE[member], STATION_THROTTLE[member]),
    );
  return { rateLimit: choose("rateLimit"), burstLimit: choose("burstLimit") };
}
