@{
    ExcludeRules = @(
        # Tests and build scripts speak to the one who runs them.
        'PSAvoidUsingWriteHost'
        # Pester sets variables in one block and uses them in another.
        'PSUseDeclaredVarsMoreThanAssignments'
    )
}
