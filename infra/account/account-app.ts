import { App, type AppProps } from "aws-cdk-lib";
import { readWebAclRate } from "../settings.ts";
import { WrongContext } from "../wrong-context.ts";
import { GitHubDeployStack } from "./github-deploy-stack.ts";
import { StationAclStack } from "./station-acl-stack.ts";

/**
 * Context: `webAclRate` as for the relay itself; `repository` is the owner and name as they stand in the `sub` claim
 * of the repository's OIDC tokens; `stages` are the GitHub environments that may deploy, by commas; `githubProvider`
 * is the ARN of GitHub's identity provider where the account has it already.
 *
 * @throws WrongContext naming the context key that makes no sense
 */
export function accountApp(props: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, ...props });
  const text = (key: string): string | undefined => app.node.tryGetContext(key)?.toString() || undefined;
  const repository = text("repository");
  const stages = (text("stages") ?? "prod").split(",").map((stage) => stage.trim());
  const provider = text("githubProvider");
  if (repository === undefined && (app.node.tryGetContext("stages") || provider)) {
    throw new WrongContext("repository: owner/name, whose workflows are to deploy the stages");
  }
  if (provider !== undefined && !PROVIDER.test(provider)) {
    throw new WrongContext(`githubProvider=${provider}: the ARN of an OIDC provider of the account`);
  }

  new StationAclStack(app, "ocpp-relay-station-acl", {
    description: "ocpp-relay: the web ACL of station endpoints whose stack is in another region",
    // The only region of CloudFront's web ACLs.
    env: { region: "us-east-1" },
    handshakesPerAddress: readWebAclRate(text("webAclRate")),
  });
  if (repository === undefined) return app;

  // Repositories made, renamed or moved since 15 July 2026 have their ids in the claim, too.
  // https://docs.github.com/en/actions/reference/security/oidc
  if (!/^[\w.@-]+\/[\w.@-]+$/.test(repository))
    throw new WrongContext(`repository=${repository}: owner/name`);
  const unnameable = stages.find((stage) => !/^[a-z][a-z0-9-]{0,19}$/.test(stage));
  if (new Set(stages).size < stages.length) throw new WrongContext("stages: none twice");
  if (unnameable !== undefined) throw new WrongContext(`stages: ${unnameable}: a stage's name`);
  new GitHubDeployStack(app, "ocpp-relay-github", {
    description: "ocpp-relay: the roles by which GitHub Actions deploys",
    repository,
    stages,
    ...(provider && { provider }),
  });
  return app;
}

const PROVIDER = /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com(\/\S+)?$/;
