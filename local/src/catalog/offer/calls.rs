//! The calls about what is on offer, by name.

use serde_json::Value;

use crate::api::Caller;
use crate::catalog::Catalog;
use crate::catalog::input::{Input, Refused};

impl Catalog {
    /// None: the operation is none of these.
    pub(in crate::catalog) fn call_of_offer(
        &self,
        operation: &str,
        input: &Input,
        caller: &Caller,
    ) -> Option<Result<Value, Refused>> {
        Some(match operation {
            "CreatePortfolio" => self.create_portfolio(input),
            "DescribePortfolio" => self.describe_portfolio(input),
            "ListPortfolios" => self.list_portfolios(input),
            "CreateProduct" => self.create_product(input),
            "DescribeProduct" => self.describe_product(input, caller),
            "SearchProducts" => self.search_products(input, caller),
            "SearchProductsAsAdmin" => self.search_products_as_admin(input),
            "ListPortfoliosForProduct" => self.list_portfolios_of_product(input),
            "CreateConstraint" => self.create_constraint(input),
            "DescribeConstraint" => self.describe_constraint(input),
            "DeleteConstraint" => self.delete_constraint(input),
            "ListConstraintsForPortfolio" => self.list_constraints(input),
            "CreateProvisioningArtifact" => self.create_artifact(input),
            "DescribeProvisioningArtifact" => self.describe_artifact(input),
            "ListProvisioningArtifacts" => self.list_artifacts(input),
            "AssociateProductWithPortfolio" => self.associate_product(input),
            "AssociatePrincipalWithPortfolio" => self.associate_principal(input),
            "DisassociatePrincipalFromPortfolio" => self.disassociate_principal(input),
            "ListPrincipalsForPortfolio" => self.list_principals(input),
            "ListLaunchPaths" => self.list_launch_paths(input, caller),
            "CreateServiceAction" => self.create_action(input),
            "DescribeServiceAction" => self.describe_action(input),
            "ListServiceActions" => self.list_actions(input),
            "DeleteServiceAction" => self.delete_action(input),
            "AssociateServiceActionWithProvisioningArtifact" => self.associate_action(input),
            "DisassociateServiceActionFromProvisioningArtifact" => self.disassociate_action(input),
            "ListServiceActionsForProvisioningArtifact" => self.list_actions_of_artifact(input),
            "DescribeServiceActionExecutionParameters" => self.describe_execution_parameters(input, caller),
            _ => return None,
        })
    }
}
