@{
    ExcludeRules = @(
        # Tests and build scripts speak to the one who runs them.
        'PSAvoidUsingWriteHost'
        # Pester sets variables in one block and uses them in another.
        'PSUseDeclaredVarsMoreThanAssignments'
        # A test reads best with the thing it is about in front.
        'PSAvoidUsingPositionalParameters'
    )
}
