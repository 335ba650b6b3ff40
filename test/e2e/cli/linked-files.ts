// Two files of the same payments whose references have nothing in common, and names that nobody wrote the same way twice.

export const ledger = `ref,party,booked,amount,note
L1,Acme Trading Limited,2024-01-05,1200.00,ok
L2,Müller & Söhne GmbH,2024-01-06,88.10,ok
L3,Northwind Traders,2024-01-09,45.00,ok
L4,Société Générale S.A.,2024-02-01,9800.50,ok
L5,Ødegård Bakeri AS,2024-02-11,310.00,ok
L6,Blue Sky Airlines,2024-02-14,705.25,ok
L7,Greenfield Foods Inc,2024-02-15,66.00,ok
`;
export const bank = `id,name,value_date,amt,note
B1,ACME TRADING LTD,05.01.2024,1200.00,ok
B2,Mueller und Soehne,06.01.2024,88.10,late
B3,Northwnd Traders,09.01.2024,45.00,ok
B4,Societe Generale SA,02.02.2024,9800.50,ok
B5,Odegard Bakeri,11.02.2024,310.00,ok
B6,Some Other Company,30.07.2023,12.00,ok
L7,Greenfield Foods,15.02.2024,66.00,ok
`;
/** By party, date and amount. */
export const byThree = ['--fuzzy', 'party=name', '--fuzzy', 'booked=value_date', '--fuzzy', 'amount=amt'];
