// Two files of every outcome, and the comparison of them that the help gives as its example.

export const left = `txn_id,booked,amount,fee,currency,note
001,2024-01-01,10.00,1.00,EUR,same
002,2024-01-01,10.00,1.00,EUR,amount within
003,2024-01-01,10.00,1.00,EUR,amount beyond
004,2024-01-01,10.00,1.00,USD,date within
005,2024-01-01,10.00,1.00,USD,date beyond
006,2024-01-01,10.00,1.00,USD,only left
007,2024-01-01,10.00,1.00,USD,twice
007,2024-01-01,10.00,1.00,USD,twice
`;
export const right = `ref,value_date,amt,fee,ccy
007,2024-01-01,10.00,1.00,USD
005,2024-01-09,10.00,1.00,USD
004,2024-01-03,10.00,1.01,USD
003,2024-01-01,10.02,1.00,EUR
002,2024-01-01,10.01,1.00,EUR
001,2024-01-01,10,1.00,EUR
0001,2024-01-01,5.5,1.00,EUR
`;
export const example = [
  ...['match', 'left.csv', 'right.csv', '--key', 'txn_id=ref', '--compare', 'amount=amt~0.01', '--compare', 'fee~1%'],
  ...['--compare', 'booked=value_date~2d', '--compare', 'currency=ccy', '--out', 'out'],
];
