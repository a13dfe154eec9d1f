# One provisioned product of what the local cloud offers from the beginning. Address, region and keys come from the
# environment, as the local cloud prints them.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {}

variable "bucket" {
  type = string
}

# The provider sends the tags with every update, and without this Service Catalog takes none.
resource "aws_servicecatalog_constraint" "tags" {
  portfolio_id = "port-sandbox000001"
  product_id   = "prod-sandbox000001"
  type         = "RESOURCE_UPDATE"

  parameters = jsonencode({
    Version    = "2.0"
    Properties = { TagUpdateOnProvisionedProduct = "ALLOWED" }
  })
}

resource "aws_servicecatalog_provisioned_product" "sandbox" {
  name                       = "made-by-terraform"
  product_name               = "Sandbox"
  provisioning_artifact_name = "v1"

  provisioning_parameters {
    key   = "BucketName"
    value = var.bucket
  }

  tags = {
    team = "tools"
    ttl  = "30d"
  }

  depends_on = [aws_servicecatalog_constraint.tags]
}

output "id" {
  value = aws_servicecatalog_provisioned_product.sandbox.id
}

output "status" {
  value = aws_servicecatalog_provisioned_product.sandbox.status
}

output "outputs" {
  value = { for output in aws_servicecatalog_provisioned_product.sandbox.outputs : output.key => output.value }
}
