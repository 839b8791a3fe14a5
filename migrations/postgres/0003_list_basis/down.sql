DROP TABLE list_basis_approval;
DROP TABLE list_basis;
DROP FUNCTION list_basis_once();
