/** The policy of a resource that answers no request without TLS. */
export function tlsOnly(service: "s3" | "sqs", resources: string | readonly string[]): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: `${service}:*`,
        Resource: resources,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
