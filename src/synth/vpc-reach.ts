import type { CfnRoute, CfnVPCEndpoint, ISubnet, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { Construct, IConstruct } from "constructs";
import { cdk } from "./cdk-modules.ts";
import { PRICES } from "./prices.ts";

/** The two that a VPC reaches for nothing: "Gateway endpoints" in the VPC's manual. */
const GATEWAYS: readonly string[] = ["dynamodb", "s3"];

/** Those that code may be permitted, and that need no network of the Function's: Lambda's own side carries them. */
const CARRIED: readonly string[] = ["ec2", "kms", "logs", "xray"];

/** What of the services that its Functions use a VPC does not reach. */
export interface Unreached {
  /** Prefixes of IAM, such as `sqs`. */
  readonly services: readonly string[];
  /** The ids of the subnets, in the CDK app, that have no way out. */
  readonly subnets: readonly string[];
}

/** The services of these actions that a Function asks from inside its network, sorted. */
export function askedServices(actions: readonly string[]): readonly string[] {
  const services = new Set(actions.map((action) => action.split(":")[0]!).filter((service) => service !== "*"));
  return [...services].filter((service) => !CARRIED.includes(service)).toSorted();
}

/** What it costs to reach them from a VPC without a way out. */
export function endpointWords(services: readonly string[]): string {
  const free = services.filter((service) => GATEWAYS.includes(service));
  const paid = services.filter((service) => !GATEWAYS.includes(service));
  const [each, nat] = [PRICES.interfaceEndpointMonth, PRICES.natGatewayMonth].map((dollars) => dollars.toFixed(2));
  return [
    ...(free.length === 0 ? [] : [`gateway endpoints for ${free.join(", ")} (free)`]),
    ...(paid.length === 0
      ? []
      : [`interface endpoints for ${paid.join(", ")} ($${each} a month each and Availability Zone), or a NAT gateway ($${nat} a month)`]),
  ].join(" and ");
}

/**
 * What the chosen subnets of a VPC can't reach: a subnet reaches everything by a default route to a NAT gateway or another
 * network, and single services by endpoints. A Lambda function has no public address, so an internet gateway is no way out.
 *
 * Of a VPC that the CDK app does not make, endpoints and routes are unknown: `sure` is false.
 */
export function unreachedServices(
  vpc: IVpc,
  { vpcSubnets, services }: { readonly vpcSubnets?: SubnetSelection | undefined; readonly services: readonly string[] },
): Unreached & { readonly sure: boolean } {
  const { subnets } = vpc.selectSubnets(vpcSubnets);
  const made = vpc.node.root.node.findAll();
  const closed = subnets.filter((subnet) => !hasWayOut(vpc, subnet, made));
  const sure = cdk.core.Resource.isOwnedResource(vpc);
  if (closed.length === 0) return { services: [], subnets: [], sure };
  const endpoints = endpointsOf(vpc, made);
  return { services: services.filter((service) => !endpoints.includes(service)), subnets: closed.map(({ node }) => node.id), sure };
}

/** Refuses, at synthesis, a VPC that does not reach what its Functions use; warns of one that is not known. */
export function checkReach(app: Construct, vpc: IVpc, what: Parameters<typeof unreachedServices>[1]): void {
  app.node.addValidation({
    // Endpoints may be added after the App.
    validate: () => {
      const { services, subnets, sure } = unreachedServices(vpc, what);
      return services.length > 0 && sure ? [wordsOf(services, subnets)] : [];
    },
  });
  const { services, subnets, sure } = unreachedServices(vpc, what);
  if (services.length > 0 && !sure) cdk.core.Annotations.of(app).addWarningV2("tenon:vpc-reach", wordsOf(services, subnets));
}

// --- Internal helpers ---

function wordsOf(services: readonly string[], subnets: readonly string[]): string {
  return `From the subnets ${subnets.join(", ")} the App's Functions do not reach ${services.join(", ")}, which they use. Add ${endpointWords(services)}, or choose other subnets by vpcSubnets.`;
}

function hasWayOut(vpc: IVpc, subnet: ISubnet, made: readonly IConstruct[]): boolean {
  if (vpc.privateSubnets.includes(subnet)) return true;
  const table = JSON.stringify(cdk.core.Stack.of(subnet).resolve(subnet.routeTable.routeTableId));
  return made.some((each) => {
    if (!isCfn<CfnRoute>(each, "AWS::EC2::Route") || each.destinationCidrBlock !== "0.0.0.0/0") return false;
    const elsewhere = each.natGatewayId ?? each.transitGatewayId ?? each.networkInterfaceId ?? each.vpcPeeringConnectionId;
    return elsewhere !== undefined && JSON.stringify(cdk.core.Stack.of(each).resolve(each.routeTableId)) === table;
  });
}

/** The services of the endpoints that the CDK app makes in a VPC. */
function endpointsOf(vpc: IVpc, made: readonly IConstruct[]): readonly string[] {
  const id = JSON.stringify(cdk.core.Stack.of(vpc).resolve(vpc.vpcId));
  return made.flatMap((each) => {
    if (!isCfn<CfnVPCEndpoint>(each, "AWS::EC2::VPCEndpoint")) return [];
    const stack = cdk.core.Stack.of(each);
    if (JSON.stringify(stack.resolve(each.vpcId)) !== id) return [];
    // `com.amazonaws.<region>.sqs`, whatever stands for the region.
    return [/\.([a-z0-9-]+)"?\W*$/.exec(JSON.stringify(stack.resolve(each.serviceName)))?.[1] ?? ""];
  });
}

function isCfn<R>(each: IConstruct, type: string): each is IConstruct & R {
  return cdk.core.CfnResource.isCfnResource(each) && each.cfnResourceType === type;
}
