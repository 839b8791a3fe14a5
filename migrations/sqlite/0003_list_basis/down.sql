DROP TABLE list_basis_approval;
DROP TABLE list_basis;
